import { fromPlainJson } from "@testudo/core/model/plainJson";
import { verifyStore } from "testudo/store/verifyStore";
import { afterEach, expect, test } from "vitest";
import { makeFolder, openTill, tillHolds, watchTill } from "./till.testkit.ts";

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

test.each([
  ["throws", "ill threw: RangeError: ill by design", []],
  ["hangs", "ill timed out: overran its 400 ms", []],
  [
    "dies",
    "ill ended its thread: exit code 3",
    [
      "The thread of all detectors died while ill ran: exit code 3. Its block is judged again in a new one.",
      "The thread of all detectors died while ill ran: exit code 3. Its block is judged again in a new one.",
    ],
  ],
] as const)(
  "DET-05: a detector that %s is named, and the others judge its block and all later ones",
  async (how, reason, told) => {
    const folder = makeFolder();
    const world = await openTill();
    closers.push(folder.remove, world.close);
    const head = await world.mine(3);
    const seen = await watchTill(world, folder.path, { ill: { how, atBlock: head + 1 }, detectorLimitMs: 400 });
    closers.push(seen.stop);
    await seen.until(() => seen.head() >= head);
    await world.send(await world.theft(tillHolds / 2n));
    await world.mine();
    await seen.until(() => seen.head() >= head + 1);
    const judged = seen.commits.find(({ cursor }) => Number(cursor?.number) === head + 1)!;
    const found = judged.records.flatMap((record) => (record.kind === "Finding" ? [record] : []));
    expect(found.filter(({ detector }) => detector === "self-health").map((finding) => finding.reason)).toEqual([
      `Detector ${reason}`,
    ]);
    expect(
      found.some(({ detector, severity }) => detector === "invariant-till-solvent" && severity === "critical"),
    ).toBe(true);
    await seen.until(() => seen.states().includes("active"), { mineMs: 150 });
    const last = await world.mine(2);
    await seen.until(() => seen.head() >= last);
    const cells = await seen.watch.store.db.selectFrom("cells").selectAll().execute();
    const counted = (detector: string) =>
      fromPlainJson(cells.find(({ key }) => key === JSON.stringify(`d/${detector}/blocks`))!.value);
    // The watch begins after block 0; what the ill one wrote before it failed is not kept.
    expect(counted("counter")).toBe(last);
    expect(counted("ill")).toBe(last - 1);
    expect(cells.some(({ key }) => key.includes("turns"))).toBe(false);
    const troubles = seen.commits.flatMap(({ records }) =>
      records.flatMap((one) => (one.kind === "Remark" && one.topic === "trouble" ? [one.text] : [])),
    );
    expect(troubles.filter((text) => text.startsWith("thread-lost"))).toEqual(
      told.map((text) => `thread-lost: ${text}`),
    );
    expect((await verifyStore(seen.watch.store)).fault).toBeUndefined();
  },
);
