import { describe, expect, test } from "vitest";
import { addr, topicOf } from "../model/detectorCase.testkit.ts";
import type { Address } from "../model/Hex.ts";
import { applyDraft, applyUndo, type Cells, type Memory, memoryOf, openDraft } from "../model/Memory.ts";
import { isCustomary, noteCustom } from "./CustomBook.ts";

const vault = addr(0x1001);
const [usd, own] = [addr(0x701), addr(0xbad)];
const dayBlocks = 7_200;
const junkOf = (block: number, count: number) =>
  Array.from({ length: count }, (_, i) => addr(0x700_000 + block * 10_000 + i));

/** Blocks over `cells`, each taken back by what it gives. */
function chainOf(cells: Cells = new Map()) {
  const at = (block: number, write: (memory: Memory) => void) => {
    const draft = openDraft(cells);
    write(memoryOf(draft, "d/asset-drain/", BigInt(block * 12)));
    const ref = { number: BigInt(block), hash: topicOf(BigInt(block)), parentHash: topicOf(0n), timestamp: 0n };
    return applyDraft(cells, draft, ref);
  };
  const sees = (
    block: number,
    assets: readonly Address[],
    sight: { held?: true; leaves?: true; dealt?: true; assumed?: true } = {},
  ) =>
    at(block, (memory) => {
      for (const asset of assets)
        noteCustom(memory, vault, asset, block, {
          heldBefore: sight.held === true,
          leaves: sight.leaves === true,
          isDealtIn: sight.dealt === true,
          ...(sight.assumed ? { isAssumed: true } : {}),
        });
    });
  const isCustom = (block: number, asset: Address) =>
    isCustomary(memoryOf(openDraft(cells), "d/asset-drain/", 0n), vault, asset, block, dayBlocks);
  return { cells, sees, isCustom };
}

describe("tokens made for it, sent in without end", () => {
  test("STREAM-16: keep a bounded number of cells, whether the holder's code deals with them or not", () => {
    const chain = chainOf();
    const sizes = [40, 80, 120].map((blocks) => {
      for (let block = blocks - 40; block < blocks; block += 1)
        chain.sees(block, junkOf(block, 300), block % 2 === 0 ? { dealt: true } : { held: true });
      return chain.cells.size;
    });
    expect(sizes[2]).toBe(sizes[1]);
    expect(sizes[2]).toBeLessThan(4_000);
  });

  test("do not push out what the holder's code dealt with before them", () => {
    const chain = chainOf();
    chain.sees(1, [usd], { held: true, dealt: true });
    for (let block = 2; block < 60; block += 1) chain.sees(block, junkOf(block, 300), { dealt: true });
    expect(chain.isCustom(60, usd)).toBe(true);
  });

  test("do not push out, by only lying there, what its code deals with later", () => {
    const chain = chainOf();
    for (let block = 1; block < 10; block += 1) chain.sees(block, junkOf(block, 100), { dealt: true });
    chain.sees(10, [usd], { dealt: true });
    chain.sees(11, [usd], { dealt: true, leaves: true });
    for (let block = 12; block < 60; block += 1) chain.sees(block, junkOf(block, 300), { held: true });
    expect(chain.isCustom(10 + dayBlocks, usd)).toBe(true);
  });

  test("do not take all places of what comes first, where a block without a call tree shows nobody's calls", () => {
    const chain = chainOf();
    chain.sees(1, junkOf(1, 300), { dealt: true, assumed: true });
    chain.sees(2, [usd], { dealt: true });
    chain.sees(3, [usd], { dealt: true, leaves: true });
    for (let block = 4; block < 40; block += 1) chain.sees(block, junkOf(block, 300), { dealt: true, assumed: true });
    expect(chain.isCustom(2 + dayBlocks, usd)).toBe(true);
  });

  test("make none of themselves a payment: what was pushed out counts as seen for the first time, not as held", () => {
    const chain = chainOf();
    chain.sees(1, [own]);
    for (let block = 2; block < 60; block += 1) chain.sees(block, junkOf(block, 300));
    chain.sees(60, [own], { held: true, dealt: true });
    expect(chain.isCustom(60, own)).toBe(false);
    expect(chain.isCustom(61 + dayBlocks, own)).toBe(false);
    chain.sees(62, [own], { held: true, dealt: true, leaves: true });
    expect(chain.isCustom(60 + dayBlocks, own)).toBe(true);
  });

  test("do not push out what is in use, where there are more that the holder's code deals with than come first", () => {
    const chain = chainOf();
    chain.sees(1, junkOf(1, 256), { dealt: true });
    chain.sees(2, [usd], { dealt: true });
    for (let block = 3; block < 3 + dayBlocks; block += 6) chain.sees(block, [usd], { dealt: true, leaves: true });
    const last = 3 + dayBlocks;
    for (let block = last; block < last + 30; block += 1) {
      if (block % 6 === 0) chain.sees(block, [usd], { dealt: true, leaves: true });
      chain.sees(block, junkOf(block, 300), { dealt: true });
    }
    expect(chain.isCustom(last + 30, usd)).toBe(true);
  });

  test("cost a block no more undo than what it leaves", () => {
    const chain = chainOf();
    for (let block = 1; block < 30; block += 1) chain.sees(block, junkOf(block, 300));
    // 128 new rows with their places, as many that went, the head, and how many were new.
    expect(chain.sees(30, junkOf(30, 5_000)).before.length).toBeLessThanOrEqual(4 * 128 + 4);
  });
});

test("STREAM-16: a reorg gives back what a block pushed out", () => {
  const chain = chainOf();
  for (let block = 1; block < 40; block += 1) chain.sees(block, junkOf(block, 100));
  const before = new Map(chain.cells);
  const undos = [40, 41, 42].map((block) => chain.sees(block, junkOf(block, 400), { dealt: true }));
  expect(chain.cells).not.toEqual(before);
  for (const undo of undos.reverse()) applyUndo(chain.cells, undo);
  expect(chain.cells).toEqual(before);
});

test("what an earlier version noted, a cell for each asset, goes on to count", () => {
  const key = (what: string, asset: Address) => `d/asset-drain/${what}:${vault}|${asset}`;
  const chain = chainOf(
    new Map<string, number>([
      [key("since", usd), 0],
      [key("since", own), 5],
    ]),
  );
  for (let block = 10; block < 60; block += 1) chain.sees(block, junkOf(block, 300));
  expect(chain.isCustom(60, usd)).toBe(true);
  expect(chain.isCustom(60 + dayBlocks, own)).toBe(false);
  chain.sees(61, [own], { leaves: true });
  expect(chain.isCustom(60 + dayBlocks, own)).toBe(true);
});
