// The switch on the chain, in a real watch: whoever may turn it stops all sending, and a node that lies or is away turns nothing off.
import { serveChanged } from "@testudo/chain/testkit/faultyNode.testkit";
import type { Address, Hex } from "@testudo/core/model/Hex";
import { functionSelector } from "@testudo/core/model/signatureHash";
import { afterEach, expect, test } from "vitest";
import { makeFolder, openTill, type TillWatch, type TillWorld, tillHolds, watchTill } from "./till.testkit.ts";

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const contract: Address = `0x${"f1".repeat(20)}`;
const haltFlag = { contract, selector: functionSelector("halted()") };
// Answers slot 0.
const code: Hex = "0x5f545f5260205ff3";
const word = (n: number): Hex => `0x${n.toString(16).padStart(64, "0")}`;
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** A world with a flag, seen through a node whose answers about the flag `say` changes. */
async function open(isOn: boolean) {
  const folder = makeFolder();
  const world = await openTill();
  const seen = { sent: 0, say: (result: unknown): unknown => result };
  const node = await serveChanged(world.rpcUrl, (call, answer) => {
    const [asked] = (call.params ?? []) as { to?: string }[];
    if (call.method === "eth_sendRawTransaction") seen.sent += 1;
    if (call.method !== "eth_call" || asked?.to !== contract) return answer;
    return { ...answer, result: seen.say("result" in answer ? answer.result : undefined) };
  });
  closers.push(folder.remove, world.close, node.close);
  await world.endpoint.request("anvil_setCode", [contract, code]);
  await turn(world, isOn);
  const head = await world.mine(3);
  return { world, seen, node, folder: folder.path, head };
}

async function turn(world: TillWorld, isOn: boolean): Promise<void> {
  await world.endpoint.request("anvil_setStorageAt", [contract, word(0), word(isOn ? 1 : 0)]);
}

/** A watch that has followed up to `head`. */
async function watching({ world, node, folder, head }: Awaited<ReturnType<typeof open>>, rpc = [node.url], quorum = 1) {
  const watch = await watchTill(world, folder, { rpc, quorum, haltFlag });
  closers.push(watch.stop);
  await watch.until(() => watch.head() >= head);
  return watch;
}

const recordsOf = ({ commits }: TillWatch) => commits.flatMap(({ records }) => records);

async function steal(world: TillWorld): Promise<void> {
  await world.send(await world.theft(tillHolds / 2n));
  await world.mine();
}

test("RESP-07: while the flag is on an attack is told, and nothing is proposed", async () => {
  const place = await open(true);
  const watch = await watching(place);
  await steal(place.world);
  await place.world.mine(2);
  const decisions = () => recordsOf(watch).flatMap((r) => (r.kind === "Decision" ? [r.because] : []));
  await watch.until(() => decisions().length > 0);
  expect([decisions().at(-1), watch.states(), place.seen.sent]).toEqual(["the kill switch is on", [], 0]);
  expect(watch.findings().some((one) => one.endsWith("till-solvent raised"))).toBe(true);
  // The switch of the folder is on armed all the while: people are told who stops us.
  expect(watch.findings()).toContain("self-health raised");
  const { url, token } = watch.watch;
  const status = await fetch(`${url}/status`, { headers: { authorization: `Bearer ${token}` } });
  expect(await status.json()).toMatchObject({ mode: "killed", modeReason: expect.stringContaining("is on, says") });
});

test("RESP-07: a flag that is turned on while bytes are on their way stops them, and the action goes on with the same when it is off", async () => {
  const place = await open(false);
  const watch = await watching(place);
  await steal(place.world);
  await watch.until(() => place.seen.sent >= 2);
  await turn(place.world, true);
  await sleep(1_200);
  const atHalt = place.seen.sent;
  await sleep(2_200);
  expect(place.seen.sent).toBe(atHalt);
  await turn(place.world, false);
  await watch.until(() => place.seen.sent > atHalt);
});

test("RESP-07: a flag that cannot be read counts as on: nothing is sent, nothing ends, and it goes on when it can be", async () => {
  const place = await open(false);
  place.seen.say = () => "0x";
  const watch = await watching(place);
  await steal(place.world);
  await watch.until(() => watch.states().includes("dropped"));
  await sleep(1_500);
  expect([place.seen.sent, watch.states().at(-1)]).toEqual([0, "dropped"]);
  const notes = recordsOf(watch).flatMap((r) => (r.kind === "ActionStatus" ? [r.note] : []));
  expect(notes.at(-1)).toContain("the switch on the chain cannot be read and counts as pressed");
  place.seen.say = (result) => result;
  await watch.until(() => watch.states().includes("active"), { mineMs: 200 });
});

test("RESP-07: a node that says the flag is off, against another, turns nothing off", async () => {
  const place = await open(true);
  place.seen.say = () => word(0);
  const watch = await watching(place, [place.node.url, place.world.rpcUrl], 2);
  await steal(place.world);
  await place.world.mine(2);
  await watch.until(() => recordsOf(watch).some((r) => r.kind === "Decision"));
  await sleep(1_000);
  expect([watch.states(), place.seen.sent]).toEqual([[], 0]);
});
