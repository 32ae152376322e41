// Commands with a server: the real interface over a real store, with a pipeline that only takes notes.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { identify } from "@testudo/core/model/Record";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import type { HumanInput } from "../api/Api.ts";
import { openBus } from "../api/Bus.ts";
import { type ServedApi, serveApi } from "../api/serveApi.ts";
import { encryptKey } from "../keystore/Keystore.ts";
import { localSigner } from "../keystore/localSigner.ts";
import { newToken, writeServerFile } from "../operator/serverFile.ts";
import { toTypedMessage } from "../operator/toTypedMessage.ts";
import { applyCommits } from "../store/applyCommits.ts";
import { action, actionStatus, chainOf } from "../store/chain.testkit.ts";
import { openStore } from "../store/openStore.ts";
import type { Store } from "../store/Store.ts";
import { type StoreFixture, storeFixture } from "../store/storeFolder.testkit.ts";
import { openPlace, type Place } from "./place.testkit.ts";

let place: Place;
let folder = "";
beforeEach(() => {
  place = openPlace();
  folder = place.folder;
});
afterEach(() => place.remove());
const run = (...args: readonly string[]) => place.run(...args);

function withoutId<T extends { readonly id: unknown }>({ id: _, ...body }: T): Omit<T, "id"> {
  return body;
}

let fixture: StoreFixture;
let data = "";
beforeAll(async () => {
  fixture = await storeFixture();
});
afterAll(() => fixture.remove());

const key = `0x${"11".repeat(32)}` as const;
const { address } = localSigner(key);
const now = BigInt(Math.floor(Date.now() / 1_000));
const paused = identify({ ...withoutId(action("pump")), until: now + 3_600n, deadline: now + 600n });
const simulation = identify({
  kind: "Simulation",
  from: [paused.id],
  action: paused.id,
  passed: true,
  blockNumber: 7n,
  blockHash: `0x${"77".repeat(32)}`,
  calls: [],
  note: "stopped",
} as const);
let store: Store;
let api: ServedApi;
let taken: HumanInput[] = [];
const sign = (...more: readonly string[]) =>
  run(
    "guardian",
    "sign",
    "--action",
    paused.id,
    "--keystore",
    "ann.json",
    "--password-file",
    "pw",
    "--data",
    data,
    ...more,
  );
const pins = ["--chain", "31337", "--council", paused.council] as const;

let own = "";

beforeAll(async () => {
  own = fixture.folder();
  store = await openStore(own);
  const { link } = chainOf();
  const records = [paused, actionStatus(paused, "proposed"), simulation, actionStatus(paused, "simulated", 1)];
  await applyCommits(store, [link({ records })], [], []);
  const token = newToken();
  api = await serveApi({
    store,
    bus: openBus(),
    token,
    status: () => ({
      healthy: true,
      ready: true,
      reasons: [],
      mode: "armed",
      quorum: 1,
      endpoints: [{ label: "http://a", state: "up" }],
    }),
    submit: async (input) => {
      taken.push(input);
      return { accepted: true };
    },
    toTypedMessage,
    port: 0,
  });
  writeServerFile(own, { host: api.host, port: api.port, pid: process.pid, token });
});
afterAll(async () => {
  await api.close();
  await store.close();
});
beforeEach(async () => {
  taken = [];
  data = own;
  writeFileSync(join(folder, "pw"), "long enough\n", { mode: 0o600 });
  const cheap = { salt: Buffer.alloc(32), iv: Buffer.alloc(16), cost: { n: 2, r: 1, p: 1 } };
  const keystore = await encryptKey(Buffer.from(key.slice(2), "hex"), "long enough", cheap);
  writeFileSync(join(folder, "ann.json"), JSON.stringify(keystore), { mode: 0o600 });
});

test("behavior: status asks the server and warns of quorum 1 (STREAM-04)", async () => {
  const { code, out } = await run("status", "--data", data);
  expect(code).toBe(0);
  expect(out).toContain("server    running");
  expect(out).toContain("mode      armed");
  expect(out).toContain("warning: quorum 1");
});

test("behavior: a guardian's signature reaches the pipeline and is the guardian's", async () => {
  const { code, err, out } = await sign("--yes", ...pins);
  expect({ code, out }).toMatchObject({ code: 0, out: expect.stringContaining(`Signed as ${address}`) });
  expect(err).toContain("0x2e1a7d4d  withdraw(uint256)");
  expect(taken).toMatchObject([{ kind: "approval", action: paused.id, signer: address }]);
});

test("behavior: offline prints the signature and sends nothing", async () => {
  const { code, out } = await sign("--yes", "--offline", ...pins);
  expect(code).toBe(0);
  expect(JSON.parse(out)).toMatchObject({
    action: paused.id,
    signer: address,
    signature: expect.stringMatching(/^0x[0-9a-f]{130}$/),
  });
  expect(taken).toEqual([]);
});

test("behavior: a proposal from a file is signed without any server", async () => {
  const { actions } = (await (await fetch(`${api.url}/actions`)).json()) as { actions: unknown[] };
  writeFileSync(join(folder, "proposal.json"), JSON.stringify(actions[0]));
  const { code, out } = await sign("--yes", "--proposal", "proposal.json", ...pins);
  expect(code).toBe(0);
  expect(JSON.parse(out)).toMatchObject({ signer: address });
  expect(taken).toEqual([]);
});

test("error: a tampered proposal is not signed", async () => {
  const { actions } = (await (await fetch(`${api.url}/actions`)).json()) as {
    actions: { action: { target: string } }[];
  };
  actions[0]!.action.target = `0x${"ee".repeat(20)}`;
  writeFileSync(join(folder, "proposal.json"), JSON.stringify(actions[0]));
  const { code, out, err } = await sign("--yes", "--proposal", "proposal.json", ...pins);
  expect({ code, out }).toEqual({ code: 1, out: "" });
  expect(err).toContain("it was altered");
});

test.each([
  ["another chain is pinned", ["--yes", "--chain", "1", "--council", paused.council], 1, "you named 1"],
  [
    "another council is pinned",
    ["--yes", "--chain", "31337", "--council", `0x${"11".repeat(20)}`],
    1,
    "it is for council",
  ],
  ["--yes comes without pins", ["--yes"], 2, "Add --council 0x… --chain N."],
  ["nobody is there to confirm", [...pins], 2, "Nobody is here to confirm."],
  ["the action is unknown", ["--yes", ...pins, "--action", "0x1234567890"], 2, "The server knows no action"],
  [
    "its id is cut too short",
    ["--yes", ...pins, "--action", "0x1234567"],
    2,
    "Give its id, or the first 8 digits of it or more.",
  ],
  ["the chain is no number", ["--yes", "--chain", "main", "--council", paused.council], 2, "is no chain id"],
])("error: nothing is signed when %s", async (_, args, code, text) => {
  const ran = await sign(...args);
  expect(ran.err).toContain(text);
  expect({ code: ran.code, out: ran.out }).toEqual({ code, out: "" });
  expect(taken).toEqual([]);
});

test("error: a server that has gone", async () => {
  const gone = join(folder, "gone");
  // Port 1 is nobody's; the process of the file is alive.
  writeServerFile(gone, { host: "127.0.0.1", port: 1, pid: process.pid, token: newToken() });
  const { code, err } = await run("status", "--data", gone);
  expect(code).toBe(1);
  expect(err).toContain("does not answer");
  expect(err).toContain(`If it does not, remove "${join(gone, "server.json")}", which names it.`);
});
