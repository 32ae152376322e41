import type { Plain } from "@testudo/core/model/canonicalJson";
import { applyDraft, applyUndo, type Cells, memoryOf, openDraft, type Undo } from "@testudo/core/model/Memory";
import { toPlainJson } from "@testudo/core/model/plainJson";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { applyCommits } from "./applyCommits.ts";
import { blockRef, chainOf } from "./chain.testkit.ts";
import { loadState } from "./loadState.ts";
import { shareParts } from "./loadUndo.ts";
import type { Store } from "./Store.ts";
import { type StoreFixture, storeFixture } from "./storeFolder.testkit.ts";

let fixture: StoreFixture;
let store: Store;
beforeAll(async () => {
  fixture = await storeFixture();
  store = await fixture.empty();
});
afterAll(() => fixture.remove());

test("STREAM-01: after a new start a reorg leaves what a watch that ran on has, cells that were not there before included", async () => {
  const chain = chainOf();
  const cells: Cells = new Map();
  const states: Cells[] = [];
  const commits = Array.from({ length: 300 }, (_, i) => {
    states.push(new Map(cells));
    const draft = openDraft(cells);
    const memory = memoryOf(draft, "d/", BigInt(1_000 + i * 60));
    memory.window("sum", 3_600, BigInt(i));
    memory.set(`new ${i}`, i);
    if (i > 0) memory.set(`new ${i - 1}`, undefined);
    const push = applyDraft(cells, draft, blockRef(i));
    return chain.link({ cells: [...draft.writes], undo: { push }, cursor: blockRef(i) });
  });
  await applyCommits(store, commits, [], []);
  const stored = await loadState(store);
  expect(stored.cells).toEqual(cells);
  expect(stored.undo).toHaveLength(300);
  for (let i = 299; i >= 0; i -= 1) {
    applyUndo(stored.cells, stored.undo[i]!);
    expect([...stored.cells].sort()).toEqual([...states[i]!].sort());
  }
});

test("STREAM-03: entries that are read back share what they have in common, as they did before", async () => {
  const { undo } = await loadState(store);
  const slicesOf = ({ before }: Undo) => before.find(([key]) => key === "d/sum")![1] as readonly Plain[];
  const [one, next] = [slicesOf(undo[200]!), slicesOf(undo[201]!)];
  expect(one).toHaveLength(61);
  expect(next.filter((slice) => one.includes(slice))).toHaveLength(60);
});

test("behavior: whatever shares its parts says what it said", () => {
  const anyPart = fc.oneof(
    fc.integer({ min: 0, max: 3 }),
    fc.tuple(fc.integer({ min: 0, max: 3 }), fc.bigInt({ min: 0n, max: 2n })),
    fc.tuple(fc.constantFrom("a", "b"), fc.record({ x: fc.integer({ min: 0, max: 2 }) })),
  );
  const anyValue = fc.oneof(fc.array(anyPart, { maxLength: 6 }), anyPart) as fc.Arbitrary<Plain>;
  fc.assert(
    fc.property(anyValue, anyValue, (earlier, value) => {
      expect(toPlainJson(shareParts(earlier, value))).toBe(toPlainJson(value));
    }),
    { numRuns: 500 },
  );
});
