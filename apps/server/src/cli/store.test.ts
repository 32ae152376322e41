// Commands over a store, without a server.
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Hex } from "@testudo/core/model/Hex";
import type { Input } from "@testudo/core/model/Input";
import type { Program } from "@testudo/core/model/Program";
import { hashOf } from "@testudo/core/model/Record";
import { openState, step } from "@testudo/core/pipeline";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { serve } from "../api/served.testkit.ts";
import { messageOf } from "../deliver/Message.ts";
import { cloudEventSchema } from "../interop/toCloudEvent.ts";
import { readStatus } from "../operator/readStatus.ts";
import { applyCommits } from "../store/applyCommits.ts";
import { chainOf, notice } from "../store/chain.testkit.ts";
import { findingNow } from "../store/findingNow.ts";
import { listFindings } from "../store/listViews.ts";
import { openStore } from "../store/openStore.ts";
import type { Store } from "../store/Store.ts";
import { type StoreFixture, storeFixture } from "../store/storeFolder.testkit.ts";
import { verifyStore } from "../store/verifyStore.ts";
import { openPlace, type Place } from "./place.testkit.ts";
import { pageSize } from "./served/lookBack.ts";
import { stepInStore } from "./served/stepInStore.ts";

const meta = {
  id: "drain",
  version: "1.0.0",
  class: "damage",
  needs: { all: [] },
  finality: 1,
  runbook: "r",
  owner: "o",
} as const;

let place: Place;
beforeEach(() => {
  place = openPlace();
});
afterEach(() => place.remove());
const run = (...args: readonly string[]) => place.run(...args);

/** A finding as the pipeline makes it, so that its state holds it too. */
function findings(count: number, reason = "loss") {
  const ref = (number: number) => ({
    number: BigInt(number),
    hash: `0x${String(number).padStart(64, "0")}` as const,
    parentHash: `0x${String(number - 1).padStart(64, "0")}` as const,
    timestamp: 1_800_000_000n,
  });
  const vault = `0x${"ab".repeat(20)}` as const;
  const detectors = Array.from({ length: count }, (_, i) => ({
    meta: { ...meta, id: `drain-${i}` },
    settings: {},
    detect: (context: { finding(draft: object): void }) =>
      context.finding({
        severity: "critical",
        reason: `${reason} ${i}`,
        subject: vault,
        key: [],
        score: 1,
        evidence: {},
      }),
  }));
  const program = { chainId: 31337, watched: [vault], detectors: detectors as never, playbooks: [], policy: null };
  const bundle = { ref: ref(1), txs: [], logs: [], has: ["L", "X", "T", "S", "H"] as const, sources: [] };
  const { outputs } = step(program, openState(), { kind: "block", bundle, phase: "live", receivedAtMs: 0 });
  return outputs.filter((output) => output.kind === "commit");
}

/** A loss that is predicted, and the block of the next hour that holds it. */
function predictedLoss() {
  const ref = (number: number) => ({
    number: BigInt(number),
    hash: hashOf(number),
    parentHash: hashOf(number - 1),
    timestamp: 1_800_000_000n + BigInt(number) * 3_600n,
  });
  const tx = {
    hash: hashOf("theft"),
    index: 0,
    from: `0x${"ee".repeat(20)}`,
    to: null,
    value: 0n,
    input: "0x",
    nonce: 0,
  } as const;
  const bundle = (number: number) => ({
    ref: ref(number),
    txs: number === 2 ? [tx] : [],
    logs: [],
    has: ["L", "X"] as const,
    sources: [],
  });
  const subject = `0x${"ab".repeat(20)}` as const;
  const loss = { severity: "critical", reason: "loss", subject, key: [], score: 1, evidence: {} } as const;
  const program: Program = {
    chainId: 31337,
    watched: [subject],
    detectors: [
      {
        meta,
        settings: {},
        detect: (context) => {
          if (context.block.txs.length > 0) context.finding(loss);
        },
      },
    ],
    playbooks: [],
    policy: null,
  };
  const prediction = { tx: tx.hash, sender: tx.from, nonce: 0, tipWei: 1n, maxFeeWei: 1n, untilBlock: 13n };
  const inputs: readonly Input[] = [
    { kind: "block", bundle: bundle(1), phase: "live", receivedAtMs: 0 },
    { kind: "pending", bundle: bundle(2), prediction },
    { kind: "block", bundle: bundle(2), phase: "live", receivedAtMs: 0 },
  ];
  const state = openState();
  return inputs.flatMap((input) => step(program, state, input).outputs).filter((output) => output.kind === "commit");
}

let fixture: StoreFixture;
let data = "";
beforeAll(async () => {
  fixture = await storeFixture();
});
afterAll(() => fixture.remove());

const fill = async (use: (store: Store) => Promise<unknown>): Promise<void> => {
  const store = await openStore(data);
  await use(store);
  await store.close();
};

// Opening the database takes seconds, so that each of these starts the program as seldom as it can.
test("behavior: evidence verify holds, finds a changed byte and a chain that was cut off (RESP-13)", async () => {
  data = fixture.folder();
  const { block } = chainOf();
  await fill((store) => applyCommits(store, [block(1, 1), block(2), block(3, 1)], [], ["ops"]));
  const head = (await run("evidence", "head", "--data", data)).out.trim();
  expect(head).toMatch(/^2:0x[0-9a-f]{64}$/);
  const good = await run("evidence", "verify", "--data", data, "--head", head.split(":")[1]!);
  expect(good).toMatchObject({ code: 0, out: `Evidence holds: 3 links, 4 records, head ${head}.\n` });
  const beyond = await run("evidence", "verify", "--data", data, "--head", `0x${"9".repeat(64)}`);
  expect(beyond).toMatchObject({ code: 1, out: expect.stringContaining("Evidence does not hold") });
  await fill((store) =>
    store.db
      .updateTable("records")
      .set((e) => ({ body: e.fn<string>("replace", ["body", e.val("Half"), e.val("Tenth")]) }))
      .where("seq", "=", 1)
      .execute(),
  );
  const bad = await run("evidence", "verify", "--data", data);
  expect(bad.code).toBe(1);
  expect(bad.out).toContain("was altered: its content does not give its id");
});

test("behavior: without a server, ack goes through the pipeline and evidence still holds", async () => {
  data = fixture.folder();
  await fill((store) => applyCommits(store, findings(2), [], ["ops"]));
  let id = "";
  await fill(async (store) => {
    const { incidents, outbox, evidence } = await readStatus(store, data);
    expect({ outbox: outbox.pending, sequence: evidence.sequence }).toEqual({ outbox: 2, sequence: 0 });
    id = incidents[0]!.id;
  });
  const { code, out } = await run("ack", id.slice(0, 12), "--note", "mine", "--data", data);
  expect({ code, lines: out.trim().split("\n").length }).toEqual({ code: 0, lines: 2 });
  expect(await run("ack", id, "--data", data)).toMatchObject({ code: 1, err: expect.stringContaining("Nothing of") });
  await fill(async (store) => {
    expect((await verifyStore(store)).fault).toBeUndefined();
    const { outbox, evidence } = await readStatus(store, data);
    expect({ outbox: outbox.pending, sequence: evidence.sequence }).toEqual({ outbox: 4, sequence: 2 });
    const views = await listFindings(store);
    expect(views.map(({ status }) => status?.work)).toEqual(["acknowledged", "acknowledged"]);
  });
});

test("behavior: what the pipeline has put away is acknowledged all the same, out of the records", async () => {
  data = fixture.folder();
  const shelved = findings(1).map((commit) => ({
    ...commit,
    cells: commit.cells.filter(([key]) => !key.startsWith("c/finding")),
  }));
  await fill((store) => applyCommits(store, shelved, [], ["ops"]));
  let id = "";
  await fill(async (store) => {
    id = (await readStatus(store, data)).incidents[0]!.id;
  });
  expect(await run("ack", id.slice(0, 12), "--note", "mine", "--data", data)).toMatchObject({ code: 0 });
  await fill(async (store) => {
    expect((await verifyStore(store)).fault).toBeUndefined();
    expect((await listFindings(store)).map(({ status }) => status?.work)).toEqual(["acknowledged"]);
  });
});

test("FIND-04: what is said of one that was put away goes into the thread that its prediction began", async () => {
  data = fixture.folder();
  const shelved = predictedLoss().map((commit) => ({
    ...commit,
    cells: commit.cells.filter(([key]) => !key.startsWith("c/finding")),
  }));
  await fill((store) => applyCommits(store, shelved, [], ["ops"]));
  let id = "";
  await fill(async (store) => {
    id = (await listFindings(store))[0]!.finding.id;
  });
  expect(await run("ack", id, "--note", "mine", "--data", data)).toMatchObject({ code: 0 });
  await fill(async (store) => {
    const told = await store.db.selectFrom("notices").select(["thread", "body"]).orderBy("seq").execute();
    const ofFindings = told.filter(({ body }) => JSON.parse(body).topic === "finding");
    expect(ofFindings.map(({ body }) => JSON.parse(body).transition)).toEqual([
      "predicted",
      "included",
      "acknowledged",
    ]);
    expect(new Set(ofFindings.map(({ thread }) => thread)).size).toBe(1);
  });
});

test("FIND-08: an alert is taken and settled by the name that stands in its messages, and only as what people may say", async () => {
  data = fixture.folder();
  await fill((store) => applyCommits(store, findings(2), [], ["ops"]));
  let keys: readonly string[] = [];
  await fill(async (store) => {
    keys = (await listFindings(store)).map(({ finding }) => messageOf(notice(finding)).key);
  });
  const [key] = keys;
  expect(key).toMatch(/^[0-9a-f]{8}$/);
  for (const name of [key!, `0x${key}`]) {
    const taken = await run("ack", name, "--data", data);
    expect(taken.code).toBe(name === key ? 0 : 1);
  }
  const settled = await run("resolve", key!, "false-positive", "--note", "a rebalance", "--as", "ana", "--data", data);
  expect(settled).toMatchObject({ code: 0, out: expect.stringMatching(/^Settled 0x\w{10}… as false-positive: /) });
  expect(await run("resolve", key!, "benign", "--note", "again", "--data", data)).toMatchObject({ code: 1 });
  for (const args of [[keys[1]!, "retracted", "--note", "x"], [keys[1]!, "benign"], [keys[1]!]])
    expect(await run("resolve", ...args, "--data", data)).toMatchObject({ code: 2 });
  await fill(async (store) => {
    expect((await verifyStore(store)).fault).toBeUndefined();
    expect((await listFindings(store)).map(({ status }) => status?.work).sort()).toEqual(["open", "resolved"]);
  });
});

test("PRE-01: what was predicted and is in a block is one open finding, and ack takes it once, by the prediction's id too", async () => {
  data = fixture.folder();
  await fill((store) => applyCommits(store, predictedLoss(), [], []));
  const works = async () => {
    let shown: readonly unknown[] = [];
    let ids: readonly string[] = [];
    await fill(async (store) => {
      const views = await listFindings(store);
      expect(await findingNow(store, views[1]!.finding.id)).toEqual(views[0]);
      shown = views.map(({ status }) => `${status?.chain} ${status?.work}`);
      ids = (await listFindings(store, { states: ["open", "acknowledged"] })).map(({ finding }) => finding.id);
      expect(ids).toEqual([views[0]!.finding.id]);
      ids = views.map(({ finding }) => finding.id);
    });
    return { shown, ids };
  };
  const before = await works();
  expect(before.shown).toEqual(["pending open", "predicted resolved"]);
  const taken = await run("ack", before.ids[1]!, "--data", data);
  expect(taken).toMatchObject({ code: 0, out: expect.stringContaining(before.ids[0]!.slice(0, 12)) });
  expect((await works()).shown).toEqual(["pending acknowledged", "predicted resolved"]);
  for (const id of before.ids)
    expect(await run("ack", id, "--data", data)).toMatchObject({ code: 1, err: expect.stringContaining("Nothing of") });
});

test("FIND-08: a mark of damage is said to need no review, with a server and without", async () => {
  data = fixture.folder();
  const mark = { kind: "resolve", resolution: "false-positive", actor: "ana", note: "a rebalance" } as const;
  expect((await run("review", "--all", "--data", data)).err).toContain("No finding was marked as a false alarm.");
  let ids: readonly Hex[] = [];
  await fill(async (store) => {
    await applyCommits(store, predictedLoss(), [], []);
    ids = (await listFindings(store)).map(({ finding }) => finding.id);
    await stepInStore(store, 31337, [{ ...mark, finding: ids[0]! }]);
  });
  const asked = async (...more: readonly string[]) => {
    const all = await run("review", "--all", "--data", data, ...more);
    expect(all).toMatchObject({ code: 0, out: "" });
    expect(all.err).not.toContain("No finding was marked");
    expect(all.err).toContain("Marks of damage, of a broken invariant or of what was predicted need no review");
    expect(
      await run("review", "accept", ids[0]!.slice(0, 12), "--reason", "ours", "--data", data, ...more),
    ).toMatchObject({
      code: 1,
      err: expect.stringMatching(/^error: Finding 0x\w{10}… needs no review: it is of class "damage"\.\n- .*\n- ./),
    });
  };
  await asked();
  await fill(async (store) => {
    const api = await serve(store);
    await asked("--server", `http://127.0.0.1:${api.port}`);
    await api.close();
  });
});

test("FIND-08: what a flood of newer findings lies upon is still acknowledged by its id, and steers no terminal", async () => {
  data = fixture.folder();
  await fill((store) => applyCommits(store, findings(pageSize + 2, "\u001b[2Jloss"), [], []));
  let oldest = "";
  await fill(async (store) => {
    oldest = (await listFindings(store, { limit: pageSize + 2 })).at(-1)!.finding.id;
  });
  const taken = await run("ack", oldest, "--note", "mine", "--data", data);
  expect(taken).toMatchObject({ code: 0, out: expect.stringContaining("·[2Jloss") });
  expect(taken.out).not.toContain("\u001b");
});

test("INT-04, INT-05: export writes what the store holds, and an embargo keeps it in", async () => {
  data = fixture.folder();
  await fill((store) => applyCommits(store, findings(2), [], ["ops"]));
  const stix = await run("export", "stix", "--tlp", "red", "--data", data);
  expect(stix).toMatchObject({ code: 0, err: "" });
  const { type, objects } = JSON.parse(stix.out) as { type: string; objects: { type: string; id: string }[] };
  const kinds = objects.map((object) => object.type);
  const count = (kind: string) => kinds.filter((each) => each === kind).length;
  expect({ type, indicators: count("indicator"), sightings: count("sighting"), incidents: count("incident") }).toEqual({
    type: "bundle",
    indicators: 2,
    sightings: 2,
    incidents: 1,
  });
  const out = join(place.folder, "events.jsonl");
  expect(await run("export", "cloudevents", "--data", data, "--out", out)).toMatchObject({ code: 0, out: "" });
  const events = readFileSync(out, "utf8").trim().split("\n");
  expect(events.map((line) => cloudEventSchema.parse(JSON.parse(line)).source)).toEqual([
    "eip155:31337/drain-0",
    "eip155:31337/drain-1",
  ]);
  expect(statSync(out).mode & 0o777).toBe(0o600);

  let withheld = "";
  await fill(async (store) => {
    withheld = (await readStatus(store, data)).incidents[0]!.id;
  });
  expect(await run("export", "stix", "--out", "none/here.json", "--data", data)).toMatchObject({
    code: 2,
    err: expect.stringMatching(/"none\/here\.json" cannot be written: ENOENT\.\n- Allowed: .*\n- /),
  });
  const held = await run("export", "stix", "--withhold", withheld, "--data", data);
  expect((JSON.parse(held.out) as { objects: { type: string }[] }).objects.map((object) => object.type)).not.toContain(
    "indicator",
  );
  // An abbreviation that fits nothing would let out what was to be held back.
  expect(await run("export", "stix", "--withhold", withheld.slice(0, 12), "--data", data)).toMatchObject({
    code: 2,
    out: "",
    err: expect.stringContaining("is no id"),
  });
});

test("behavior: status tells a person what is open, and that no server runs", async () => {
  data = fixture.folder();
  await fill((store) => applyCommits(store, findings(1), [], []));
  const { code, out } = await run("status", "--data", data);
  expect(code).toBe(0);
  expect(out).toContain("server    not running");
  expect(out).toContain("mode      shadow");
  expect(out).toMatch(/head {6}block 1, /);
  expect(out).toMatch(/incidents 1 open\n +0x[0-9a-f]{10}… critical open, 1 finding about/);
  expect(out).toMatch(/evidence {2}0:0x[0-9a-f]{64}\n$/);
});

test("behavior: a folder that another process holds is named, not damaged", async () => {
  data = fixture.folder();
  const store = await openStore(data);
  const { code, err } = await run("status", "--data", data);
  const verified = await run("evidence", "verify", "--data", data);
  await store.close();
  expect(code).toBe(1);
  expect(err).toContain(`is in use by process ${process.pid}`);
  expect(verified.code).toBe(1);
  expect(verified.err).toContain(`cannot be verified now: process ${process.pid} has it open.`);
  expect(verified.err).toContain(`- Stop the server (kill ${process.pid}), verify, and start it again`);
});
