// Two nodes that share a chain up to a fork, and an attack on the branch that loses the vote (STREAM-05).
import { afterEach, expect, test } from "vitest";
import {
  makeFolder,
  openTill,
  type TillWatch,
  type TillWatchOptions,
  type TillWorld,
  tillHolds,
  watchTill,
} from "./till.testkit.ts";

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** Two nodes with the same blocks; the watch takes the first one's where they differ. */
async function openTwins(options: TillWatchOptions = {}) {
  const folder = makeFolder();
  const [followed, other] = await Promise.all([openTill(), openTill()]);
  closers.push(folder.remove, followed.close, other.close);
  const both = async (blocks: number) => Math.max(...(await Promise.all([followed.mine(blocks), other.mine(blocks)])));
  const head = await both(3);
  const watch = await watchTill(followed, folder.path, {
    rpc: [followed.rpcUrl, other.rpcUrl],
    quorum: 2,
    guardians: 0,
    ...options,
  });
  closers.push(watch.stop);
  await watch.until(() => watch.head() >= head);
  /** Parts the two: from here on they have other blocks. */
  const part = async () => {
    const from = ((await followed.endpoint.request("eth_accounts")) as string[])[6];
    await followed.endpoint.request("eth_sendTransaction", [{ from, to: from, value: "0x1" }]);
  };
  return { followed, other, watch, both, part, head };
}

const troublesOf = (watch: TillWatch, kind: string) =>
  watch.commits.flatMap(({ records }) =>
    records.flatMap((record) =>
      record.kind === "Remark" && record.topic === "trouble" && record.text.startsWith(kind) ? [record.text] : [],
    ),
  );

async function rob(world: TillWorld): Promise<void> {
  await world.send(await world.theft(tillHolds / 2n));
}

test("STREAM-05: an attack on the branch that loses the vote is told once, as finding 27, and nothing is sent", async () => {
  const { other, watch, both, part, head } = await openTwins();
  await part();
  await rob(other);
  await both(1);
  await watch.until(() => troublesOf(watch, "branch-finding").length > 0, { withinMs: 40_000 });
  const [solvent] = troublesOf(watch, "branch-finding: ").filter((text) => text.includes("invariant-till-solvent"));
  const { hash } = (await other.endpoint.request("eth_getBlockByNumber", ["latest", false])) as { hash: string };
  expect(solvent).toBe(
    `branch-finding: On the branch that ${other.rpcUrl} shows and the watch does not follow (block ${head + 1} ${hash}, 1 block from the fork at ${head}): invariant-till-solvent says critical about ${other.params.till}: The till owes more than it holds.`,
  );
}, 90_000);
