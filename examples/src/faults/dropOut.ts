// One of two nodes is away for a while during the attack. What is agreed on meanwhile waits, and goes out when it is back.
import { serveChanged } from "@testudo/chain/testkit/faultyNode.testkit";
import { makeFolder, openTill, tillHolds, watchTill } from "./till.testkit.ts";

const blockMs = 1_000;

/** Gives the faults of a play in which a node is away for `awayMs`. */
export async function playDropOut(awayMs: number, say: (text: string) => void = () => {}): Promise<readonly string[]> {
  const folder = makeFolder();
  const world = await openTill();
  const one = await serveChanged(world.rpcUrl, (_, answer) => answer);
  const two = await serveChanged(world.rpcUrl, (_, answer) => answer);
  const head = await world.mine(5);
  const watch = await watchTill(world, folder.path, { rpc: [one.url, two.url], quorum: 2 });
  const faults: string[] = [];
  try {
    await watch.until(() => watch.head() >= head);
    two.isAway = true;
    const end = Date.now() + awayMs;
    say(`a node is away for ${awayMs} ms`);
    await watch.until(() => watch.findings().includes("self-health raised"), { mineMs: blockMs });
    await world.send(await world.theft(tillHolds / 2n));
    await watch.until(() => watch.states().includes("cooling"), { mineMs: blockMs });
    await watch.until(() => Date.now() > end, { mineMs: blockMs, withinMs: awayMs + 60_000 });
    if ((await world.sentBySender()) > 0) faults.push("a pause was sent while a node was away");
    two.isAway = false;
    say("it is back");
    await watch.until(() => watch.states().includes("active"), { mineMs: blockMs, withinMs: 60_000 });
    const pauses = await world.pauses();
    if (pauses.length !== 1) faults.push(`${pauses.length} pauses on chain`);
    const last = await world.mine();
    await watch.until(() => watch.head() >= last);
    const numbers = watch.commits.flatMap(({ cursor }) => (cursor === undefined ? [] : Number(cursor.number)));
    const gap = numbers.findIndex((number, i) => i > 0 && number !== numbers[i - 1]! + 1);
    if (gap >= 0) faults.push(`block ${numbers[gap]} was judged after ${numbers[gap - 1]}`);
    return faults;
  } finally {
    await watch.stop();
    await one.close();
    await two.close();
    await world.close();
    folder.remove();
  }
}
