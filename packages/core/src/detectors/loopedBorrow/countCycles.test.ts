import { expect, test } from "vitest";
import type { DetectContext } from "../../model/Detector.ts";
import { addr, topicOf } from "../../model/detectorCase.testkit.ts";
import { applyDraft, applyUndo, type Cells, memoryOf, openDraft } from "../../model/Memory.ts";
import type { ProtocolEvent } from "../../model/ProtocolEvent.ts";
import { countCycles } from "./countCycles.ts";
import type { LoopedBorrowParams } from "./LoopedBorrowParams.ts";

const view = { tx: { from: addr(0xe0a) }, logs: [] } as never;
const [deposit, borrow] = ["collateral", "debt"].map((kind) => (account: number) => {
  const event = { kind, market: "m", account: addr(account), amount: 5n };
  return event as unknown as ProtocolEvent;
}) as [(account: number) => ProtocolEvent, (account: number) => ProtocolEvent];
const many = (from: number, count: number, of: (account: number) => readonly ProtocolEvent[]) =>
  Array.from({ length: count }, (_, i) => of(from + i)).flat();

/** Takes in the events of one block at `timestamp`: what was counted of account 1, and what takes the block back. */
function take(cells: Cells, timestamp: number, events: readonly ProtocolEvent[]) {
  const draft = openDraft(cells);
  const ref = { number: BigInt(timestamp), hash: topicOf(BigInt(timestamp)), timestamp: BigInt(timestamp) };
  const context = {
    memory: memoryOf(draft, "d/looped-borrow/", BigInt(timestamp)),
    params: { windowSeconds: 3_600 },
    block: { ref },
  } as unknown as DetectContext<LoopedBorrowParams>;
  // Each in a transaction of its own, so that nothing is shared.
  const counts = countCycles(
    context,
    { name: "p" },
    events.map((event) => ({ view, events: [event] })),
  );
  return { count: counts.get(`m|${addr(1)}`), undo: applyDraft(cells, draft, { ...ref, parentHash: topicOf(0n) }) };
}

test("STREAM-16: accounts by the ten thousand keep a bounded number of cells, and a reorg gives back what they pushed out", () => {
  const cells: Cells = new Map();
  for (let i = 0; i < 12; i += 1)
    take(
      cells,
      1_000 + i,
      many(10_000 * (i + 1), 3_000, (account) => [deposit(account), ...(i % 2 === 0 ? [borrow(account)] : [])]),
    );
  const most = 2 * (8_192 + 16_384) + 2;
  expect(cells.size).toBeLessThanOrEqual(most);
  const before = new Map(cells);
  const { undo } = take(
    cells,
    2_000,
    many(900_000, 3_000, (account) => [deposit(account), borrow(account)]),
  );
  expect(cells.size).toBeLessThanOrEqual(most);
  applyUndo(cells, undo);
  expect(cells).toEqual(before);
});

test("deposits of others by the ten thousand push out no loop", () => {
  const cells: Cells = new Map();
  for (let i = 0; i < 3; i += 1) {
    expect(take(cells, 1_000 + i, [deposit(1), borrow(1)]).count).toBe(i + 1);
    take(
      cells,
      1_000 + i,
      many(100_000 * (i + 1), 20_000, (account) => [deposit(account)]),
    );
  }
});

test("what an earlier version kept in a cell of its own goes on to count", () => {
  const cells: Cells = new Map([[`d/looped-borrow/p:cycles:m|${addr(1)}`, [true, 900n, 950n]]]);
  expect(take(cells, 1_000, [borrow(1)]).count).toBe(3);
  expect(cells.has(`d/looped-borrow/p:cycles:m|${addr(1)}`)).toBe(false);
  expect(take(cells, 1_001, [deposit(1), borrow(1)]).count).toBe(4);
});
