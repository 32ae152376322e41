import type { Finding } from "@testudo/core/model/Finding";
import { isAtLeast } from "@testudo/core/model/Finding";
import { encodeFunctionData, parseAbi } from "viem/utils";
import { afterEach, expect, test } from "vitest";
import {
  makeFolder,
  openTill,
  type TillWatch,
  type TokenName,
  thiefAddress,
  tillHolds,
  watchTill,
} from "./till.testkit.ts";

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function open(token: TokenName) {
  const folder = makeFolder();
  const world = await openTill(token);
  closers.push(folder.remove, world.close);
  const head = await world.mine(3);
  const seen = await watchTill(world, folder.path);
  closers.push(seen.stop);
  await seen.until(() => seen.head() >= head);
  return { world, seen };
}

// What the zero-configuration set says; the till's own identity reads balances and would see it in any case.
function foundIn(seen: TillWatch, block: number): Finding[] {
  const commit = seen.commits.find(({ cursor }) => Number(cursor?.number) === block);
  return (commit?.records ?? []).flatMap((record) =>
    record.kind === "Finding" && record.detector !== "invariant-till-solvent" && record.class !== "health"
      ? [record]
      : [],
  );
}

test.each(["HonestToken", "MuteToken", "SilentToken"] as const)(
  "ASSET-01: a drain by way of %s is found in its own block, whatever the token says",
  async (token) => {
    const { world, seen } = await open(token);
    await world.send(await world.theft((tillHolds * 9n) / 10n));
    const block = await world.mine();
    await seen.until(() => seen.head() >= block);
    // High and not critical: an account that takes its share in one plain call may be its owner.
    const drains = foundIn(seen, block).filter(({ detector }) => detector === "asset-drain");
    expect(drains.map(({ severity }) => isAtLeast(severity, "high"))).toEqual([true]);
  },
);

test("ASSET-01: a transfer that a token only tells of is not critical", async () => {
  const { world, seen } = await open("LyingToken");
  await world.send(await world.theft((tillHolds * 9n) / 10n));
  const told = await world.mine();
  const data = encodeFunctionData({
    abi: parseAbi(["function forge(address from, address to, uint256 amount)"]),
    functionName: "forge",
    args: [world.params.till, thiefAddress, tillHolds],
  });
  await world.endpoint.request("eth_sendTransaction", [
    { from: thiefAddress, to: world.params.token, data, gas: "0x30000" },
  ]);
  const forged = await world.mine();
  const { logs } = (await world.endpoint
    .request("eth_getBlockReceipts", [`0x${forged.toString(16)}`])
    .then((list) => (list as { logs: unknown[] }[])[0])) as { logs: unknown[] };
  expect(logs).toHaveLength(1);
  await seen.until(() => seen.head() >= forged);
  for (const block of [told, forged])
    expect(foundIn(seen, block).filter(({ severity }) => isAtLeast(severity, "critical"))).toEqual([]);
  expect(seen.states()).toEqual([]);
});
