// A pause through a private relay (RESP-12), on a real chain: who is given its bytes, and from which block on.

import type { RelayMethod } from "@testudo/chain/act/sendPrivately";
import { type FaultyNode, serveChanged } from "@testudo/chain/testkit/faultyNode.testkit";
import type { ActionStatus } from "@testudo/core/model/ActionStatus";
import { verifyEvidence } from "@testudo/core/model/Evidence";
import { type Hex, toWord } from "@testudo/core/model/Hex";
import type { RelayTerms } from "@testudo/core/model/Policy";
import { writeSwitch } from "testudo/operator/switch";
import { verifyStore } from "testudo/store/verifyStore";
import { keccak256, parseTransaction } from "viem/utils";
import { afterEach, expect, test } from "vitest";
import { relayHeader, relayKey, serveRelay, type TestRelay } from "./relay.testkit.ts";
import {
  makeFolder,
  openTill,
  type TillWatch,
  type TillWatchOptions,
  type TillWorld,
  tillHolds,
  watchTill,
} from "./till.testkit.ts";
import { withdraw } from "./tillProgram.testkit.ts";

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
/** Longer than it takes the sender to look twice. */
const twoLooksMs = 2_400;

interface Setting {
  readonly world: TillWorld;
  readonly relay: TestRelay;
  /** The public node, whose calls are seen. */
  readonly node: FaultyNode;
  readonly folder: string;
  start(more?: TillWatchOptions): Promise<TillWatch>;
  /** Takes half of what the till holds, in a block. */
  attack(): Promise<void>;
  /** How often the public node was given bytes. */
  publicly(): number;
  /** All calls that the public node was asked, as text. */
  readonly asked: string[];
}

async function open(
  publicAfterBlocks: RelayTerms["publicAfterBlocks"] = 2,
  method: RelayMethod = "eth_sendRawTransaction",
): Promise<Setting> {
  const folder = makeFolder();
  const world = await openTill();
  const relay = await serveRelay(world.endpoint);
  const asked: string[] = [];
  const node = await serveChanged(world.rpcUrl, (call, answer) => {
    asked.push(JSON.stringify(call));
    return answer;
  });
  closers.push(folder.remove, world.close, node.close, relay.close);
  const head = await world.mine(3);
  const terms = { name: "http://127.0.0.1/rpc", publicAfterBlocks };
  const access = { url: relay.url, method, header: { name: "Authorization", value: relayHeader } };
  return {
    world,
    relay,
    node,
    folder: folder.path,
    asked,
    async start(more = {}) {
      const watch = await watchTill(world, folder.path, { rpc: [node.url], relay: { terms, access }, ...more });
      let isOpen = true;
      const { stop } = watch;
      watch.stop = async () => {
        if (isOpen) await stop();
        isOpen = false;
      };
      closers.push(() => watch.stop());
      await watch.until(() => watch.head() >= head || more.mode === "as-it-is");
      return watch;
    },
    async attack() {
      await world.send(await world.theft(tillHolds / 2n));
      await world.mine();
    },
    publicly: () => node.seen.calls.get("eth_sendRawTransaction") ?? 0,
  };
}

async function poolOf({ world }: Setting): Promise<readonly string[]> {
  const pool = (await world.endpoint.request("txpool_content")) as Record<string, Record<string, object>>;
  return Object.values(pool).flatMap((part) => Object.keys(part));
}

/** Which way bytes went and at which block, as the evidence tells. */
function waysOf(watch: TillWatch): readonly (readonly [string, number, Hex | undefined])[] {
  return watch.commits
    .flatMap(({ records }) => records)
    .filter((record): record is ActionStatus => record.kind === "ActionStatus" && record.way !== undefined)
    .map(({ way, blockNumber, txHash }) => [way!, Number(blockNumber), txHash]);
}

const troublesOf = (watch: TillWatch) =>
  watch.commits.flatMap(({ records }) =>
    records.flatMap((record) => (record.kind === "Remark" && record.topic === "trouble" ? record.text : [])),
  );

const hashes = ({ offers }: TestRelay) => [...new Set(offers.map(({ raw }) => keccak256(raw)))];

async function expectOnePause({ world }: Setting, hash: Hex | undefined): Promise<void> {
  expect((await world.pauses()).map(({ txHash }) => txHash)).toEqual([hash]);
  expect(await world.sentBySender()).toBe(1);
}

test.each(["eth_sendRawTransaction", "eth_sendPrivateTransaction"] as const)(
  "RESP-12: by %s the relay alone has the pause until it is in a block, and the evidence tells the way",
  async (method) => {
    const setting = await open(2, method);
    const { relay, world, asked, publicly } = setting;
    const watch = await setting.start();
    await setting.attack();
    const head = Number(await world.endpoint.request("eth_blockNumber"));
    await watch.until(() => watch.states().includes("broadcast"));
    await sleep(twoLooksMs);
    expect(await poolOf(setting)).toEqual([]);
    expect(publicly()).toBe(0);
    // No block has come, so that it is offered no second time.
    expect(relay.offers).toEqual([
      {
        method,
        raw: relay.offers[0]!.raw,
        path: `/rpc/${relayKey}`,
        authorization: relayHeader,
        ...(method === "eth_sendPrivateTransaction" ? { maxBlockNumber: `0x${(head + 25).toString(16)}` } : {}),
      },
    ]);
    expect(asked.filter((call) => call.includes(relay.offers[0]!.raw))).toEqual([]);

    await relay.build();
    await watch.until(() => watch.states().includes("active"));
    const [hash] = hashes(relay);
    await expectOnePause(setting, hash);
    expect(waysOf(watch)).toEqual([["relay", head, hash]]);
    expect(verifyEvidence(watch.commits.map(({ evidence }) => evidence))).toBeUndefined();
    expect((await verifyStore(watch.watch.store)).fault).toBeUndefined();
    expect(publicly()).toBe(0);
  },
);

test("RESP-12: what the relay drops goes to the public nodes after two blocks, the same bytes, and no sooner", async () => {
  const setting = await open();
  const { relay, world, publicly } = setting;
  relay.mood = "drops";
  const watch = await setting.start();
  await setting.attack();
  await watch.until(() => relay.offers.length > 0);
  const first = await world.mine();
  await watch.until(() => relay.offers.length > 1);
  await sleep(twoLooksMs);
  expect(publicly()).toBe(0);
  await world.mine();
  await watch.until(() => publicly() > 0);
  await watch.until(() => watch.states().includes("active"), { mineMs: 300 });
  const [hash] = hashes(relay);
  await expectOnePause(setting, hash);
  expect(waysOf(watch)).toEqual([
    ["relay", first - 1, hash],
    ["public", first + 1, hash],
  ]);
});

test("RESP-12: where the policy forbids the public nodes they get nothing, though the relay drops, refuses and is away", async () => {
  const setting = await open("never");
  const { relay, world, publicly, asked } = setting;
  const watch = await setting.start();
  relay.mood = "drops";
  await setting.attack();
  await watch.until(() => relay.offers.length > 0);
  await world.mine(4);
  relay.mood = "refuses";
  await watch.until(() => troublesOf(watch).some((text) => /relay-failed/.test(text)));
  await world.mine(4);
  relay.isAway = true;
  await sleep(twoLooksMs);
  await world.mine(4);
  await sleep(twoLooksMs);
  expect(publicly()).toBe(0);
  expect(await poolOf(setting)).toEqual([]);
  const raws = [...new Set(relay.offers.map(({ raw }) => raw))];
  expect(asked.filter((call) => raws.some((raw) => call.includes(raw)))).toEqual([]);
  relay.isAway = false;
  relay.mood = "keeps";
  await watch.until(() => troublesOf(watch).some((text) => /recovered from relay-failed/.test(text)));
  await relay.build();
  await watch.until(() => watch.states().includes("active"));
  expect(await world.sentBySender()).toBe(1);
  expect(publicly()).toBe(0);
});

test("RESP-12: one of two nodes that names a far block makes nothing public sooner", async () => {
  const setting = await open();
  const { relay, world, node, publicly } = setting;
  relay.mood = "drops";
  const liar = await serveChanged(node.url, (call, answer) =>
    call.method === "eth_blockNumber" ? { jsonrpc: "2.0", id: answer.id, result: "0xffffff" } : answer,
  );
  closers.push(liar.close);
  const watch = await setting.start({ rpc: [liar.url, node.url] });
  await setting.attack();
  await watch.until(() => watch.states().includes("broadcast"));
  await world.mine();
  await sleep(twoLooksMs);
  expect(publicly()).toBe(0);
  await world.mine();
  await watch.until(() => publicly() > 0);
});

test("RESP-12: a restart does not begin the count anew", async () => {
  const setting = await open(4);
  const { relay, world, publicly } = setting;
  relay.mood = "drops";
  const watch = await setting.start();
  await setting.attack();
  await watch.until(() => watch.states().includes("broadcast"));
  await world.mine(2);
  await watch.until(() => relay.offers.length > 1);
  await watch.stop();
  await world.mine();
  const again = await setting.start({ mode: "as-it-is" });
  const offers = relay.offers.length;
  await again.until(() => relay.offers.length > offers);
  await sleep(twoLooksMs);
  expect(publicly()).toBe(0);
  await world.mine();
  await again.until(() => publicly() > 0);
  await again.until(() => again.states().includes("active"), { mineMs: 300 });
  await expectOnePause(setting, hashes(relay)[0]);
  expect(hashes(relay)).toHaveLength(1);
  // That the relay has it is no news after the restart.
  expect(waysOf(again).map(([way]) => way)).toEqual(["public"]);
});

test("RESP-12: a relay that refuses is told without key, header or bytes, and makes nothing public sooner", async () => {
  const setting = await open();
  const { relay, world, publicly } = setting;
  relay.mood = "refuses";
  const watch = await setting.start();
  await setting.attack();
  await watch.until(() => troublesOf(watch).length > 0);
  await sleep(twoLooksMs);
  expect(publicly()).toBe(0);
  await watch.until(() => watch.states().includes("dropped"));
  await world.mine(2);
  await watch.until(() => watch.states().includes("active"), { mineMs: 1_500 });
  await expectOnePause(setting, hashes(relay)[0]);
  expect(troublesOf(watch)).toHaveLength(1);
  expect(troublesOf(watch)[0]).toMatch(/did not take a signed transaction: it says .*2 blocks after the first offer/s);
  expect(watch.findings()).toContain("self-health raised");
  const told = JSON.stringify(watch.commits, (_, value) => (typeof value === "bigint" ? `${value}` : value));
  for (const secret of [relayKey, relayHeader, relayHeader.split(" ")[1]!, relay.offers[0]!.raw.slice(2, 150)])
    expect(told).not.toContain(secret);
});

test("RESP-12: a relay that is away is told, and after two blocks the pause goes out without it", async () => {
  const setting = await open();
  const { relay, world, publicly } = setting;
  relay.isAway = true;
  const watch = await setting.start();
  await setting.attack();
  await watch.until(() => troublesOf(watch).some((text) => /relay-failed/.test(text)));
  await sleep(twoLooksMs);
  expect(publicly()).toBe(0);
  await world.mine(2);
  await watch.until(() => watch.states().includes("active"), { mineMs: 1_500 });
  expect(await world.sentBySender()).toBe(1);
  expect(relay.offers).toEqual([]);
});

test("RESP-12: RESP-07: the kill switch ends what the relay refused, and nobody is given it after", async () => {
  const setting = await open();
  const { relay, world, publicly, folder } = setting;
  relay.mood = "refuses";
  const watch = await setting.start();
  await setting.attack();
  await watch.until(() => watch.states().includes("dropped"));
  press(folder);
  await watch.until(() => watch.states().at(-1) === "killed");
  const offers = relay.offers.length;
  await world.mine(4);
  await sleep(twoLooksMs);
  expect(relay.offers).toHaveLength(offers);
  expect(publicly()).toBe(0);
});

test("RESP-12: RESP-07: under the kill switch what the relay has stays there: not offered again, not made public", async () => {
  const setting = await open();
  const { relay, world, publicly, folder } = setting;
  relay.mood = "drops";
  const watch = await setting.start();
  await setting.attack();
  await watch.until(() => watch.states().includes("broadcast"));
  press(folder);
  await sleep(1_000);
  const offers = relay.offers.length;
  await world.mine(4);
  await sleep(twoLooksMs);
  expect(relay.offers).toHaveLength(offers);
  expect(publicly()).toBe(0);
  expect(await world.pauses()).toEqual([]);
});

test("RESP-12: RESP-07: kill while the block is asked for: the relay is given nothing, the action ends", async () => {
  const setting = await open();
  const { relay, world, node, folder } = setting;
  let isHeld = true;
  let asks = 0;
  const slow = await serveChanged(node.url, async (call, answer) => {
    if (call.method !== "eth_blockNumber") return answer;
    asks += 1;
    while (isHeld) await sleep(10);
    return answer;
  });
  closers.push(slow.close);
  const watch = await setting.start({ rpc: [slow.url] });
  await setting.attack();
  await watch.until(() => asks > 0);
  press(folder);
  isHeld = false;
  await watch.until(() => watch.states().at(-1) === "killed");
  await world.mine(3);
  await sleep(twoLooksMs);
  expect(relay.offers).toEqual([]);
  expect(setting.publicly()).toBe(0);
});

test("RESP-12: of two actions the one that goes before the other keeps to the relay as well", async () => {
  const setting = await open("never");
  const { relay, world, publicly } = setting;
  const accounts = (await world.endpoint.request("eth_accounts")) as Hex[];
  for (const from of accounts.slice(0, 3))
    for (const selector of ["0xc290d691", withdraw]) {
      const data = `${selector}${toWord(1_000n)}`;
      await world.endpoint.request("eth_sendTransaction", [{ from, to: world.params.till, data, gas: "0x80000" }]);
      await world.mine();
    }
  const bounds = { kinds: ["ARG_MAX" as const], promised: 500n, leastHonest: 3, seconds: 3_600 };
  const watch = await setting.start({ derive: { program: world.sender.address, ...bounds } });
  await setting.attack();
  // The second pending nonce is the second action's, and the public nodes know of neither.
  await watch.until(() => hashes(relay).length > 1, { mineMs: 500 });
  const mined = await world.mine(3);
  await watch.until(() => watch.head() >= mined);
  await sleep(twoLooksMs);
  expect(publicly()).toBe(0);
  expect(await poolOf(setting)).toEqual([]);
  const nonces = new Set(relay.offers.map(({ raw }) => parseTransaction(raw).nonce ?? 0));
  expect([...nonces].sort()).toEqual([0, 1]);
  await relay.build();
  await watch.until(async () => (await world.sentBySender()) === 2, { mineMs: 500 });
  expect(publicly()).toBe(0);
});

function press(folder: string): void {
  writeSwitch(folder, { mode: "killed", actor: "test", reason: "as it happens", at: new Date().toISOString() });
}

test("RESP-12: PRE-02: a pause that is raised above a waiting attack keeps to the relay, whose block has it first", async () => {
  const setting = await open("never");
  const { relay, world, publicly } = setting;
  const watch = await setting.start({ preblock: { followPool: true, probes: false } });
  await world.endpoint.request("anvil_setBlockTimestampInterval", [60]);
  await world.send(await world.theft(tillHolds / 2n));
  await watch.until(() => relay.offers.length > 0);
  const tipOf = (raw: Hex) => parseTransaction(raw).maxPriorityFeePerGas!;
  const firstTip = tipOf(relay.offers[0]!.raw);
  expect(firstTip).toBeGreaterThan(1_000_000_000n);
  // The thief pays more than our first offer.
  await world.send(await world.theft(tillHolds / 2n, 0, 40n));
  await watch.until(() => hashes(relay).length > 1);
  const raised = relay.offers.at(-1)!.raw;
  expect(tipOf(raised)).toBeGreaterThan(40_000_000_000n);
  expect(parseTransaction(raised).nonce).toBe(parseTransaction(relay.offers[0]!.raw).nonce);
  await watch.until(() => waysOf(watch).length > 1);
  expect(waysOf(watch).map(([way, , hash]) => [way, hash])).toEqual(hashes(relay).map((hash) => ["relay", hash]));
  expect(publicly()).toBe(0);
  expect(await poolOf(setting)).toHaveLength(1);
  await relay.build();
  await watch.until(() => watch.states().includes("active"));
  await expectOnePause(setting, keccak256(raised));
});

test("RESP-12: a policy whose relay cannot be reached does not come to sending to everybody", async () => {
  const setting = await open();
  const access = undefined as never;
  const started = setting.start({ relay: { terms: { name: "https://relay.example", publicAfterBlocks: 2 }, access } });
  await expect(started).rejects.toThrow(/names the relay https:\/\/relay\.example, and nothing says how it is reached/);
});
