import fc from "fast-check";
import { expect, test } from "vitest";
import type { Address } from "../model/Hex.ts";
import { applyDraft, applyUndo, type Cells, memoryOf, openDraft, type Undo } from "../model/Memory.ts";
import type { TxView } from "../model/TxView.ts";
import { hasTies, isHub, noteTies, reach, tieSeconds } from "./actorGraph.ts";

const address = (n: number): Address => `0x${n.toString(16).padStart(40, "0")}`;
const pays = (from: number, to: number): TxView =>
  ({
    tx: { from: address(from), to: address(to), value: 1n, nonce: 1 },
    logs: [],
    trace: undefined,
  }) as unknown as TxView;

function open() {
  const cells: Cells = new Map();
  let now = 1_700_000_000n;
  const memory = () => memoryOf(openDraft(cells), "g/", now);
  const block = (pairs: readonly (readonly [number, number])[], seconds = 12n): Undo => {
    now += seconds;
    const draft = openDraft(cells);
    noteTies(
      memoryOf(draft, "g/", now),
      pairs.map(([a, b]) => pays(a, b)),
      new Set([address(7)]),
      now,
    );
    return applyDraft(cells, draft, { number: 0n, hash: "0x", parentHash: "0x", timestamp: now });
  };
  return { cells, memory, block, now: () => now };
}

test("behavior: what money reaches in four steps is what a plain search over the last 7 days finds", () => {
  const pair = fc.tuple(fc.integer({ min: 1, max: 14 }), fc.integer({ min: 1, max: 14 }));
  const blocks = fc.array(fc.record({ pairs: fc.array(pair, { maxLength: 4 }), days: fc.bigInt(0n, 3n) }), {
    maxLength: 12,
  });
  fc.assert(
    fc.property(blocks, (list) => {
      const graph = open();
      const ties: { a: number; b: number; at: bigint }[] = [];
      for (const { pairs, days } of list) {
        graph.block(pairs, days * 86_400n + 12n);
        for (const [a, b] of pairs) if (a !== b && a !== 7 && b !== 7) ties.push({ a, b, at: graph.now() });
      }
      const young = ties.filter(({ at }) => graph.now() - at <= tieSeconds);
      let found = new Set([3]);
      for (let hop = 0; hop < 4; hop += 1)
        found = new Set([...found, ...young.flatMap(({ a, b }) => (found.has(a) ? [b] : found.has(b) ? [a] : []))]);
      expect(new Set(reach(graph.memory(), [address(3)], graph.now()).keys())).toEqual(
        new Set([...found].map(address)),
      );
    }),
  );
});

test("behavior: who signs a delegation is tied to whose code it runs, and to nobody else (EIP-7702)", () => {
  const { cells, memory, now } = open();
  const draft = openDraft(cells);
  const signed = {
    tx: { ...pays(1, 2).tx, value: 0n, delegations: [{ authority: address(3), to: address(4) }] },
    logs: [],
  } as unknown as TxView;
  noteTies(memoryOf(draft, "g/", now()), [signed], new Set(), now());
  applyDraft(cells, draft, { number: 0n, hash: "0x", parentHash: "0x", timestamp: now() });
  expect(new Set(reach(memory(), [address(3)], now()).keys())).toEqual(new Set([address(3), address(4)]));
});

test("behavior: a reorg gives the ties back, and memory stays bounded however many addresses there are", () => {
  const graph = open();
  graph.block([[1, 2]]);
  const before = new Map(graph.cells);
  const undo = graph.block([
    [2, 3],
    [3, 4],
  ]);
  expect(reach(graph.memory(), [address(1)], graph.now()).has(address(4))).toBe(true);
  applyUndo(graph.cells, undo);
  expect(new Map(graph.cells)).toEqual(before);
  for (let b = 0; b < 130; b += 1)
    graph.block(Array.from({ length: 200 }, (_, i) => [1_000 + b * 400 + i, 1_200 + b * 400 + i] as const));
  expect(graph.cells.get("g/addresses")).toBeLessThanOrEqual(50_000);
  expect(graph.cells.size).toBeLessThan(50_000 + 200);
  expect(hasTies(graph.memory(), address(1))).toBe(false);
  // What is old is gone.
  graph.block([[1, 2]], tieSeconds + 1n);
  expect(graph.cells.get("g/addresses")).toBe(2);
});

test("behavior: an address of more than 1,000 counterparties is a hub, within some per cent; one that pays few often is none", () => {
  const graph = open();
  const few = Array.from({ length: 3_000 }, (_, i) => [1, 100 + (i % 60)] as const);
  graph.block(few);
  graph.block(few);
  expect(isHub(graph.memory(), address(1))).toBe(false);
  graph.block(Array.from({ length: 840 }, (_, i) => [1, 500 + i] as const));
  expect(isHub(graph.memory(), address(1))).toBe(false);
  graph.block(Array.from({ length: 200 }, (_, i) => [1, 5_000 + i] as const));
  expect(isHub(graph.memory(), address(1))).toBe(true);
  expect(reach(graph.memory(), [address(5_001)], graph.now()).has(address(1))).toBe(false);
});
