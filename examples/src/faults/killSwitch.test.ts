import { forward, refusal, serveCalls, serveChanged } from "@testudo/chain/testkit/faultyNode.testkit";
import { writeSwitch } from "testudo/operator/switch";
import { openStore } from "testudo/store/openStore";
import { afterEach, expect, test } from "vitest";
import { makeFolder, openTill, tillHolds, watchTill } from "./till.testkit.ts";

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const press = (dataDir: string, mode: "killed" | "armed") =>
  writeSwitch(dataDir, { mode, actor: "test", reason: "as it happens", at: new Date().toISOString() });

/** A world whose sender's calls are seen; `isHeld` lets the node take its time over the sender's nonce. */
async function open() {
  const folder = makeFolder();
  const world = await openTill();
  const seen = { sent: 0, asked: 0, isHeld: false };
  const node = await serveChanged(world.rpcUrl, async (call, answer) => {
    const [who] = (call.params ?? []) as string[];
    if (call.method === "eth_sendRawTransaction") seen.sent += 1;
    if (call.method === "eth_getTransactionCount" && who === world.sender.address) {
      seen.asked += 1;
      while (seen.isHeld) await sleep(10);
    }
    return answer;
  });
  closers.push(folder.remove, world.close, node.close);
  const head = await world.mine(3);
  return { world, seen, node, folder: folder.path, head };
}

test("RESP-07: kill while a nonce is asked for: nothing is signed out, the action ends", async () => {
  const { world, seen, node, folder, head } = await open();
  seen.isHeld = true;
  const watch = await watchTill(world, folder, { rpc: [node.url] });
  closers.push(watch.stop);
  await watch.until(() => watch.head() >= head);
  await world.send(await world.theft(tillHolds / 2n));
  await world.mine();
  await watch.until(() => seen.asked > 0);
  expect(watch.states()).toEqual(["proposed", "simulated", "approved"]);
  press(folder, "killed");
  seen.isHeld = false;
  await watch.until(() => watch.states().at(-1) === "killed");
  await sleep(1_500);
  expect(seen.sent).toBe(0);
  await world.mine(3);
  expect(await world.pauses()).toEqual([]);
});

test("RESP-07: kill stops sending within a second, over a restart too; armed again, the same bytes go on", async () => {
  const { world, seen, node, folder, head } = await open();
  const watch = await watchTill(world, folder, { rpc: [node.url] });
  let isOpen = true;
  closers.push(async () => void (isOpen && (await watch.stop())));
  await watch.until(() => watch.head() >= head);
  await world.send(await world.theft(tillHolds / 2n));
  await world.mine();
  // No block comes, so that it is given to the node again and again.
  await watch.until(() => seen.sent >= 3);
  press(folder, "killed");
  await sleep(1_000);
  const atKill = seen.sent;
  await sleep(2_200);
  expect(seen.sent).toBe(atKill);
  await watch.stop();
  isOpen = false;
  const { hash } = (await storedOf(folder))[0]!;

  const again = await watchTill(world, folder, { rpc: [node.url], mode: "as-it-is" });
  closers.push(again.stop);
  await sleep(2_200);
  expect(seen.sent).toBe(atKill);
  press(folder, "armed");
  await again.until(() => seen.sent > atKill);
  await again.until(() => again.states().includes("active"), { mineMs: 200 });
  expect((await world.pauses()).map(({ txHash }) => txHash)).toEqual([hash]);
  expect(await world.sentBySender()).toBe(1);
});

async function storedOf(folder: string) {
  const store = await openStore(folder);
  const rows = await store.db.selectFrom("transactions").select("hash").execute();
  await store.close();
  return rows;
}

test("RESP-07: bytes of a pause that was killed before they left never go out, and no later pause waits for them", async () => {
  const folder = makeFolder();
  const world = await openTill();
  let isFull = true;
  const node = await serveCalls(async (call) =>
    isFull && call.method === "eth_sendRawTransaction"
      ? refusal(call, -32_000, "txpool is full")
      : forward(world.rpcUrl, call),
  );
  closers.push(folder.remove, world.close, node.close);
  const head = await world.mine(3);
  const watch = await watchTill(world, folder.path, { rpc: [node.url] });
  closers.push(watch.stop);
  await watch.until(() => watch.head() >= head);
  await world.send(await world.theft(tillHolds / 2n));
  await world.mine();
  await watch.until(() => watch.states().includes("dropped"));
  press(folder.path, "killed");
  await watch.until(() => watch.states().at(-1) === "killed");
  isFull = false;
  press(folder.path, "armed");
  // The theft is still there: it is proposed anew, and signed anew.
  await watch.until(() => watch.states().includes("active"), { mineMs: 1_500, withinMs: 40_000 });
  const rows = await watch.watch.store.db.selectFrom("transactions").select(["hash", "action"]).orderBy("id").execute();
  const [killed] = rows;
  expect(rows.some(({ action }) => action !== killed!.action)).toBe(true);
  const pauses = await world.pauses();
  expect(pauses).toHaveLength(1);
  expect(pauses[0]!.txHash).not.toBe(killed!.hash);
});
