import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { compile } from "@testudo/contracts/compile";
import type { Finding } from "@testudo/core/model/Finding";
import type { Hex } from "@testudo/core/model/Hex";
import { hashOf } from "@testudo/core/model/Record";
import { armor, Decrypter, generateIdentity, identityToRecipient } from "age-encryption";
import type { PendingVerdict } from "testudo/preblock/PendingVerdict";
import type { Probed } from "testudo/preblock/probeCreations";
import { encodeDeployData, parseTransaction, toFunctionSelector } from "viem/utils";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { holdsOf, makeFolder, openTill, type TillWatch, type TillWorld, tillHolds, watchTill } from "./till.testkit.ts";

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

interface Setting {
  readonly world: TillWorld;
  readonly watch: TillWatch;
  readonly verdicts: PendingVerdict[];
  readonly probes: Probed[];
  post(body: object, token?: string): Promise<{ readonly status: number; readonly body: PendingVerdict }>;
}

async function openSetting(followPool: boolean, recipients: readonly string[] = []): Promise<Setting> {
  const folder = makeFolder();
  const world = await openTill();
  closers.push(folder.remove, world.close);
  // Nothing is mined while a theft waits: a slow machine must not take that for a chain that stands still.
  await world.endpoint.request("anvil_setBlockTimestampInterval", [60]);
  const head = await world.mine(3);
  const verdicts: PendingVerdict[] = [];
  const probes: Probed[] = [];
  const onProbed = (probed: Probed) => void probes.push(probed);
  const preblock = {
    onProbed,
    // A slow machine is to end a probe as any other does.
    probeMs: 60_000,
    followPool,
    recipients,
    onVerdict: (verdict: PendingVerdict) => void verdicts.push(verdict),
  };
  const watch = await watchTill(world, folder.path, { preblock });
  closers.push(watch.stop);
  await watch.until(() => watch.head() >= head);
  return {
    world,
    watch,
    verdicts,
    probes,
    async post(body, token = watch.watch.token) {
      const headers = { "content-type": "application/json", authorization: `Bearer ${token}` };
      const response = await fetch(`${watch.watch.url}/pending`, {
        method: "POST",
        headers,
        body: JSON.stringify(body),
      });
      return { status: response.status, body: (await response.json()) as PendingVerdict };
    },
  };
}

const bin = fileURLToPath(new URL("../../../apps/server/bin/testudo.js", import.meta.url));
const testudo = (...args: string[]) => promisify(execFile)(process.execPath, [bin, ...args]);

/** Every row of every table as text. */
async function rowsOf({ watch }: TillWatch): Promise<string[]> {
  const { db } = watch.store;
  const tables = await db.introspection.getTables();
  expect(tables.length).toBeGreaterThan(3);
  const rows = await Promise.all(
    tables.map(({ name }) =>
      db
        .selectFrom(name as never)
        .selectAll()
        .execute(),
    ),
  );
  return rows.flat().map((row) => JSON.stringify(row, (_, value) => (typeof value === "bigint" ? `${value}` : value)));
}

const filesIn = (folder: string) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

/** The pause that waits in the pool. */
async function pauseIn({ endpoint, params }: TillWorld) {
  const pool = (await endpoint.request("txpool_content")) as {
    readonly pending: Record<
      string,
      Record<string, { readonly to: string; readonly nonce: string; readonly maxPriorityFeePerGas: string }>
    >;
  };
  const waiting = Object.values(pool.pending).flatMap((own) => Object.values(own));
  const pauses = waiting.filter(({ to }) => to === params.council);
  expect(pauses).toHaveLength(1);
  return { nonce: Number(pauses[0]!.nonce), tip: BigInt(pauses[0]!.maxPriorityFeePerGas) };
}

const toCouncilFirst = async ({ endpoint, params }: TillWorld, number: number) => {
  const block = (await endpoint.request("eth_getBlockByNumber", [`0x${number.toString(16)}`, true])) as {
    readonly transactions: readonly { readonly to: string }[];
  };
  expect(block.transactions.map(({ to }) => to)).toEqual([params.council, params.till]);
};

test("PRE-01: a theft that waits in the pool is predicted, and the pause, which pays more, comes first in its block", async () => {
  const { world, watch, verdicts } = await openSetting(true);
  const raw = await world.theft(tillHolds / 2n);
  const hash = await world.send(raw);
  await watch.until(() => watch.states().includes("broadcast"));
  // At least an eighth more than the attack's tip.
  const tip = parseTransaction(raw).maxPriorityFeePerGas!;
  expect((await pauseIn(world)).tip).toBeGreaterThanOrEqual((tip * 9n) / 8n);
  expect(verdicts.find((verdict) => verdict.hash === hash)).toMatchObject({
    outcome: "judged",
    near: "neighbour",
    severity: "critical",
  });
  expect(watch.findings()).toContain("asset-drain predicted");
  const number = await world.mine();
  await watch.until(() => watch.states().includes("active"));
  await toCouncilFirst(world, number);
  expect(await holdsOf(world)).toBe(tillHolds);
  expect(watch.findings()).toContain("asset-drain expired");
  expect(watch.findings().filter((line) => line.includes("confirmed"))).toEqual([]);
  // RESP-03: the theft was played on the head before and after the pause, though no block held it.
  const trial = watch.commits.flatMap(({ records }) => records).find((record) => record.kind === "Simulation");
  expect(trial).toMatchObject({ passed: true });
  expect(trial?.calls.find(({ name }) => name === "the attack's own call")).toMatchObject({ succeeded: false });
});

test("RESP-09: an attacker who bids again at the same nonce is outbid again: the pause is raised, and stays one", async () => {
  const { world, watch } = await openSetting(true);
  await world.send(await world.theft(tillHolds / 2n));
  await watch.until(() => watch.states().includes("broadcast"));
  const before = await pauseIn(world);
  const again = await world.theft(tillHolds / 2n, 0, 40n);
  await world.send(again);
  const tip = parseTransaction(again).maxPriorityFeePerGas!;
  expect(before.tip).toBeLessThan(tip);
  await watch.until(async () => (await pauseIn(world)).tip > (tip * 9n) / 8n);
  expect((await pauseIn(world)).nonce).toBe(before.nonce);
  const number = await world.mine();
  await watch.until(() => watch.states().includes("active"));
  await toCouncilFirst(world, number);
  expect(await holdsOf(world)).toBe(tillHolds);
  expect(await world.sentBySender()).toBe(1);
  expect(await world.pauses()).toHaveLength(1);
});

test("PRE-01: what is signed for another chain, has a used nonce, or only makes the next one revert, hides no theft", async () => {
  const { world, watch, post } = await openSetting(false);
  const foreign = await post({ raw: await world.theft(tillHolds / 2n, 0, 1n, 1) });
  const detail = expect.stringContaining("signed for chain 1,");
  expect(foreign.body).toMatchObject({ outcome: "refused", severity: null, detail });
  // It takes all there is, so that the next one reverts after it. Others may take its place.
  const all = await world.theft(tillHolds);
  expect((await post({ raw: all })).body).toMatchObject({ outcome: "judged", severity: "critical" });
  const next = { raw: await world.theft(tillHolds / 2n, 1) };
  expect((await post(next)).body).toMatchObject({ outcome: "judged", severity: "critical" });
  // Another one is included in its place. Whoever shows the first again is told so, and the next is judged as it stands.
  const small = await world.theft(1n);
  await world.send(small);
  const head = await world.mine();
  await watch.until(() => watch.head() >= head);
  for (const raw of [small, all])
    expect((await post({ raw })).body).toMatchObject({
      outcome: "refused",
      detail: expect.stringContaining("nonce 0 is used"),
    });
  expect((await post(next)).body).toMatchObject({ outcome: "judged", severity: "critical" });
});

describe("a relay that shows what it holds", () => {
  let relay: Setting;
  let identity: string;
  let end: () => Promise<void>;
  beforeAll(async () => {
    identity = await generateIdentity();
    relay = await openSetting(false, [await identityToRecipient(identity)]);
    const own = closers.splice(0).reverse();
    end = async () => {
      for (const close of own) await close();
    };
  });
  afterAll(() => end());

  test("PRE-03: a run tells how often it had to ask a node; the same state again is warm, on the next head too", async () => {
    const { world, watch, post } = relay;
    const cold = await post({ raw: await world.theft(0n) });
    expect(cold.body.stateMisses).toBeGreaterThan(0);
    expect((await post({ raw: await world.theft(0n) })).body.stateMisses).toBe(0);
    const head = await world.mine();
    await watch.until(() => watch.head() >= head);
    expect((await post({ raw: await world.theft(0n) })).body).toMatchObject({ onBlock: `${head}`, stateMisses: 0 });
  });

  test("look-alike: a payment to nobody near us is not tried again and again, and raises nothing", async () => {
    const { world, watch, post } = relay;
    const before = watch.findings().length;
    const accounts = (await world.endpoint.request("eth_accounts")) as string[];
    const payment = (i: number) => ({
      hash: `0x${(0x12 + i).toString(16).repeat(32)}`,
      from: accounts[0],
      to: accounts[1],
      value: `0x${i + 1}`,
      input: "0x",
      nonce: "0x0",
      gas: "0x5208",
      maxFeePerGas: "0x77359400",
      maxPriorityFeePerGas: "0x1",
      blockHash: null,
    });
    const outcomes: string[] = [];
    for (const i of [0, 0, 1, 2, 3, 4, 5, 6]) outcomes.push((await post({ transaction: payment(i) })).body.outcome);
    // The same one counts once, however often it comes.
    expect(outcomes).toEqual([...Array(6).fill("elsewhere"), "far", "far"]);
    expect(watch.findings()).toHaveLength(before);
  });
  test("PRE-07: a new contract with our address among its data is probed in the block of its making, a plain one is not", async () => {
    const { world, watch, probes } = relay;
    const from = ((await world.endpoint.request("eth_accounts")) as string[])[6];
    const deploy = (data: string) => world.endpoint.request("eth_sendTransaction", [{ from, data, gas: "0x100000" }]);
    // An anomaly is not seen in a plain thief by an old account: harm alone proposes nothing.
    const named = await deploy(`${world.made.Thief!.bytecode}${world.params.till.slice(2).padStart(64, "0")}`);
    await deploy(world.made.Thief!.bytecode);
    const head = await world.mine();
    await watch.until(() => probes.length > 0);
    await watch.until(() => watch.head() >= head && watch.watch.pendingWaiting() === 0);
    // Its function steals what it is told to: half of the till's tokens is among what is tried.
    expect(probes).toMatchObject([{ tx: named, outcome: "harm", onBlock: { number: BigInt(head) } }]);
    await watch.until(() => watch.findings().includes("probe predicted"));
    expect(watch.states()).toEqual([]);
  });

  test("LAB-36, PRE-06: a theft in two steps, which no template finds, is sealed with both of them", async () => {
    const { world, watch, probes } = relay;
    const from = ((await world.endpoint.request("eth_accounts")) as string[])[6];
    const { ArmedThief } = compile([fileURLToPath(new URL("../../src/faults/Thieves.sol", import.meta.url))]);
    const data = encodeDeployData({ ...ArmedThief!, args: [world.params.till] });
    const before = probes.length;
    const made = await world.endpoint.request("eth_sendTransaction", [{ from, data, gas: "0x100000" }]);
    await world.mine();
    await watch.until(() => probes.length > before);
    expect(probes.at(-1)).toMatchObject({ tx: made, outcome: "harm" });
    expect(probes.at(-1)!.detail).toMatch(
      /^\d+ calls of templates; \d+ guided calls \(.* blocks run.*\); 2 of 2 functions/,
    );
    const told = () =>
      watch.commits
        .flatMap(({ records }) => records)
        .filter((record) => record.kind === "Finding" && record.detector === "probe") as Finding[];
    await watch.until(() => told().length > 1);
    const { stdout: sealed } = await testudo("evidence", "sealed", told().at(-1)!.id, "--data", watch.dataDir);
    const decrypter = new Decrypter();
    decrypter.addIdentity(identity);
    const call = JSON.parse(await decrypter.decrypt(armor.decode(sealed), "text"));
    expect(call).toMatchObject({ from, before: [{ from, to: call.to }] });
    expect([call.before[0].input, call.input].map((input: Hex) => input.slice(0, 10))).toEqual([
      toFunctionSelector("arm(uint256)"),
      toFunctionSelector("fire()"),
    ]);
  });

  test("PRE-06: a guardian opens the call that does harm with a key of his own; neither database nor folder tells it", async () => {
    const { world, watch } = relay;
    const finding = watch.commits
      .flatMap(({ records }) => records)
      .find((record) => record.kind === "Finding" && record.detector === "probe") as Finding;
    const { stdout: sealed } = await testudo("evidence", "sealed", finding.id, "--data", watch.dataDir);
    const decrypter = new Decrypter();
    decrypter.addIdentity(identity);
    const call = JSON.parse(await decrypter.decrypt(armor.decode(sealed), "text"));
    expect(hashOf({ from: call.from, to: call.to, input: call.input, value: BigInt(call.value) })).toBe(
      (finding.evidence as { readonly callHash: Hex }).callHash,
    );
    // Played on the block it was tried after, it takes the till's tokens.
    const snapshot = await world.endpoint.request("evm_snapshot");
    await world.endpoint.request("anvil_impersonateAccount", [call.from]);
    await world.endpoint.request("eth_sendTransaction", [{ from: call.from, to: call.to, data: call.input }]);
    await world.endpoint.request("evm_mine");
    expect(await holdsOf(world)).toBeLessThan(tillHolds);
    await world.endpoint.request("evm_revert", [snapshot]);
    const plain = call.input.slice(2);
    for (const text of await rowsOf(watch)) expect(text.includes(plain), text.slice(0, 200)).toBe(false);
    for (const file of filesIn(watch.dataDir))
      for (const needle of [Buffer.from(plain, "utf8"), Buffer.from(plain, "hex")])
        expect(readFileSync(file).includes(needle), file).toBe(false);
    const stranger = new Decrypter();
    stranger.addIdentity(await generateIdentity());
    await expect(stranger.decrypt(armor.decode(sealed))).rejects.toThrow();
  });

  test("PRE-01: a relay is told by POST /pending what the detectors say, of raw bytes and of an object, and nobody else is", async () => {
    const { world, post, watch } = relay;
    expect((await post({ raw: await world.theft(0n) })).body).toMatchObject({ outcome: "judged", severity: null });
    const raw = await world.theft(tillHolds / 2n);
    const told = await post({ raw });
    expect(told).toMatchObject({ status: 200, body: { outcome: "judged", severity: "critical" } });
    expect(told.body.findings.map(({ detector }) => detector)).toContain("asset-drain");
    await watch.until(() => watch.findings().includes("asset-drain predicted"));
    expect((await post({ raw }, "wrong")).status).toBe(401);
    expect((await post({ raw: "0x1234" })).status).toBe(400);
    const hash = await world.send(raw);
    const transaction = (await world.endpoint.request("eth_getTransactionByHash", [hash])) as object;
    expect(await post({ transaction })).toMatchObject({ status: 200, body: { hash, outcome: "judged" } });
  });
});
