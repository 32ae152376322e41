import type { BlockRef } from "@testudo/core/model/BlockBundle";
import type { StreamTrouble } from "@testudo/core/model/ChainEvent";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { makeTroubleBook } from "../nodes/TroubleBook.ts";
import { makeChain } from "../testkit/fakeChain.testkit.ts";
import { makeBatchSize } from "./BatchSize.ts";
import { makeQueue } from "./BoundedQueue.ts";
import { makeSpine, SpineBroken } from "./Spine.ts";

describe("batch size", () => {
  test("STREAM-10: halves down to one, and grows by a quarter after ten successes, up to where it began", () => {
    const size = makeBatchSize(25);
    const halved = [size.shrink() && size.blocks, size.shrink() && size.blocks, size.shrink() && size.blocks];
    expect(halved).toEqual([12, 6, 3]);
    expect([size.shrink(), size.shrink()]).toEqual([true, false]);
    const sizes = Array.from({ length: 160 }, () => {
      size.succeed();
      return size.blocks;
    });
    expect([...new Set(sizes)]).toEqual([1, 2, 3, 4, 5, 7, 9, 12, 15, 19, 24, 25]);
    expect(sizes.filter((s) => s === 2)).toHaveLength(10);
  });
});

describe("queue", () => {
  test("STREAM-13: gives everything in order and never holds more than its bounds", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 60 }),
        fc.integer({ min: 1, max: 8 }),
        fc.integer({ min: 1, max: 20 }),
        async (weights, maxItems, maxWeight) => {
          const queue = makeQueue<number>(maxItems, maxWeight);
          const produce = async () => {
            for (const weight of weights) expect(await queue.push(weight, weight)).toBe(true);
            queue.close();
          };
          const produced = produce();
          const taken: number[] = [];
          for (let item = await queue.take(); item !== undefined; item = await queue.take()) {
            taken.push(item);
            expect(queue.size).toBeLessThanOrEqual(maxItems);
          }
          await produced;
          expect(taken).toEqual(weights);
        },
      ),
    );
  });

  test("an urgent item passes the others and a full queue", async () => {
    const queue = makeQueue<string>(1, 100);
    await queue.push("first", 1);
    queue.pushUrgent("trouble");
    expect([await queue.take(), await queue.take()]).toEqual(["trouble", "first"]);
  });

  test("a producer that waits learns that nobody takes any more; a failure reaches the consumer", async () => {
    const queue = makeQueue<string>(1, 100);
    await queue.push("first", 1);
    const waiting = queue.push("second", 1);
    queue.clear();
    expect(await waiting).toBe(false);
    const broken = makeQueue<string>(1, 100);
    broken.close(new Error("our own fault"));
    await expect(broken.take()).rejects.toThrow("our own fault");
  });
});

describe("spine", () => {
  const { blocks } = makeChain(10);

  test("cuts above the ancestor, newest first, and finds blocks by number", () => {
    const spine = makeSpine(blocks);
    expect(spine.cutAbove(blocks[6]!)).toEqual([blocks[9], blocks[8], blocks[7]]);
    expect(spine.last).toBe(blocks[6]);
    expect([spine.at(6n), spine.at(7n)]).toEqual([blocks[6], undefined]);
    spine.forgetBelow(4n);
    expect([spine.first, spine.at(3n), spine.newest(2)]).toEqual([blocks[4], undefined, [blocks[5], blocks[6]]]);
  });

  test("cut down to the parent of its first block it begins with that", () => {
    const spine = makeSpine(blocks.slice(5));
    expect(spine.cutAbove(blocks[4]!)).toHaveLength(5);
    expect([spine.first, spine.last]).toEqual([blocks[4], blocks[4]]);
  });

  test("error: a block that does not follow", () => {
    const gap: BlockRef[] = [blocks[1]!, blocks[3]!];
    expect(() => makeSpine(gap)).toThrow(SpineBroken);
  });
});

describe("troubles", () => {
  test("each is told once, and again when it becomes graver; freeze counts all that are open", () => {
    const told: StreamTrouble[] = [];
    let isShort = false;
    const book = makeTroubleBook(
      (trouble) => told.push(trouble),
      () => isShort,
    );
    book.raise("endpoint-down", "a", false, "one");
    book.raise("endpoint-down", "a", false, "one");
    book.raise("no-block", "b", true);
    book.clear("endpoint-down", "c", "one");
    isShort = true;
    book.clear("no-block", "d");
    book.clear("no-block", "d");
    expect(told.map(({ trouble, endpoint, freeze }) => [trouble, endpoint, freeze])).toEqual([
      ["endpoint-down", "one", false],
      ["no-block", undefined, true],
      ["recovered", "one", true],
      ["recovered", undefined, true],
    ]);
  });
});
