import type { BlockBundle } from "@testudo/core/model/BlockBundle";
import { addr, frame, topicOf } from "@testudo/core/model/detectorCase.testkit";
import type { PendingTx } from "@testudo/core/model/PendingTx";
import { expect, test } from "vitest";
import { openNearness } from "./openNearness.ts";

const vault = addr(0xa17);
const callOf = (to: number) => ({ hash: topicOf(1n), to: addr(to), input: "0x" }) as unknown as PendingTx;
const making = (number: number, contracts: readonly number[]) =>
  ({
    ref: { number: BigInt(number) },
    traces: contracts.map((to) => frame({ type: "CREATE", from: addr(1), to: addr(to) })),
  }) as unknown as BlockBundle;

test("PRE-08: contracts that are made by the thousand are young up to a number; those before them are near while they are unknown", () => {
  const nearness = openNearness([vault], 1_000);
  nearness.observe(making(1, [0x5001]));
  expect(nearness.reasonOf(callOf(0x5001))).toBe("young");
  for (let i = 0; i < 5; i += 1) nearness.wentElsewhere(addr(0x5002), topicOf(BigInt(i)));
  nearness.observe(making(2, [0x5002]));
  for (let block = 3; block < 6; block += 1)
    nearness.observe(
      making(
        block,
        Array.from({ length: 333 }, (_, i) => 0x10_000 + block * 1_000 + i),
      ),
    );
  // 1,001 were made: the first has made room.
  expect([0x5001, 0x5002, 0x10_000 + 3_000].map((to) => nearness.reasonOf(callOf(to)))).toEqual([
    "unknown",
    "young",
    "young",
  ]);
  nearness.observe(making(8_000, []));
  expect(nearness.reasonOf(callOf(0x5002))).toBeUndefined();
});

test("PRE-08: strangers who call us once by the thousand shut out neither who comes after them nor who comes again", () => {
  const nearness = openNearness([vault], undefined, 100);
  const calling = (number: number, callers: readonly number[]) =>
    ({
      ref: { number: BigInt(number) },
      traces: callers.map((from) =>
        frame({ from: addr(1), to: addr(from), calls: [frame({ from: addr(from), to: vault })] }),
      ),
    }) as unknown as BlockBundle;
  const [router, late] = [0x6001, 0x6002];
  for (let block = 1; block <= 10; block += 1)
    nearness.observe(calling(block, [...Array.from({ length: 60 }, (_, i) => 0x20_000 + block * 100 + i), router]));
  nearness.observe(calling(11, [late]));
  expect([router, late, 0x20_000 + 100].map((to) => nearness.reasonOf(callOf(to)))).toEqual([
    "neighbour",
    "neighbour",
    "unknown",
  ]);
});
