import { expect, test } from "vitest";
import { creationOf, rememberCreations } from "./Creations.ts";
import { addr, frame, viewsOf } from "./detectorCase.testkit.ts";
import type { Address } from "./Hex.ts";
import { applyDraft, applyUndo, type Cells, memoryOf, openDraft, type Undo } from "./Memory.ts";

const [maker, factory] = [addr(0xa), addr(0xb)];
const madeBy = (contracts: readonly Address[]) =>
  viewsOf({
    txs: [
      {
        ...{ from: maker, to: factory },
        trace: frame({
          ...{ from: maker, to: factory },
          calls: contracts.map((to) => frame({ type: "CREATE", from: factory, to })),
        }),
      },
    ],
  });

/** Takes one block after the other, with its undo entries. */
function chain(keepBlocks: number, most?: number) {
  const cells: Cells = new Map();
  const undo: Undo[] = [];
  const hash = addr(0);
  const take = (block: number, contracts: readonly Address[]) => {
    const draft = openDraft(cells);
    rememberCreations(memoryOf(draft, "h/", 0n), madeBy(contracts), block, keepBlocks, most);
    undo.push(applyDraft(cells, draft, { number: BigInt(block), hash, parentHash: hash, timestamp: 0n }));
    return draft.writes;
  };
  const of = (contract: Address) => creationOf(memoryOf(openDraft(cells), "h/", 0n), contract)?.block;
  return { cells, take, of, back: () => applyUndo(cells, undo.pop()!) };
}
const contractsOf = (block: number, count: number) =>
  Array.from({ length: count }, (_, i) => addr(0x10_0000 + block * 1_000 + i));

test("behavior: what a block writes of its creations does not grow with those of the blocks before", () => {
  const { take } = chain(50_000);
  const written = Array.from({ length: 30 }, (_, i) => JSON.stringify([...take(10 + i, contractsOf(i, 50))]).length);
  expect(Math.max(...written)).toBeLessThan(written[1]! * 1.1);
});

test("behavior: creations are known for as many blocks as they are kept, and a reorg gives back those that were forgotten", () => {
  const { take, of, cells, back } = chain(10);
  const [first, second] = [contractsOf(0, 1)[0]!, contractsOf(1, 1)[0]!];
  take(100, [first]);
  take(105, [second]);
  for (let block = 106; block <= 110; block += 1) take(block, []);
  expect([of(first), of(second)]).toEqual([100, 105]);
  take(111, []);
  expect([of(first), of(second)]).toEqual([undefined, 105]);
  back();
  expect(of(first)).toBe(100);
  for (let block = 111; block <= 116; block += 1) take(block, []);
  expect([...cells.keys()].filter((key) => key.includes("made:") || key.includes("madeAt:"))).toEqual([]);
});

test("behavior: a contract that is made again is forgotten by its later creation", () => {
  const { take, of } = chain(10);
  const [one] = contractsOf(0, 1) as [Address];
  take(100, [one]);
  take(105, [one]);
  for (let block = 106; block <= 113; block += 1) take(block, []);
  expect(of(one)).toBe(105);
});

test("behavior: of more than are kept the oldest are forgotten, block by block", () => {
  const { take, of } = chain(50_000, 100);
  for (let block = 1; block <= 20; block += 1) take(block, contractsOf(block, 30));
  const known = Array.from({ length: 20 }, (_, i) => of(contractsOf(i + 1, 30)[0]!));
  expect(known).toEqual([...Array(17).fill(undefined), 18, 19, 20]);
});

test("behavior: lists of before, of 600 blocks each, are forgotten as they were", () => {
  const { take, of, cells } = chain(600);
  const [old] = contractsOf(0, 1) as [Address];
  cells.set("h/madeFrom", 0);
  cells.set("h/madeIn:0", [old]);
  cells.set(`h/made:${old}`, [5, maker, factory]);
  take(1_799, []);
  expect(of(old)).toBe(5);
  take(1_800, []);
  expect([of(old), cells.get("h/madeIn:0"), cells.get("h/madeFrom")]).toEqual([undefined, undefined, 1]);
});
