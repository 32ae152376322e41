import type { StreamTrouble } from "@testudo/core/model/ChainEvent";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { makeChain } from "../testkit/fakeChain.testkit.ts";
import { type Candidate, type Dispute, type Disputed, type DisputeOptions, makeDispute } from "./Dispute.ts";
import { makeTroubleBook } from "./TroubleBook.ts";

const chain = makeChain(10);
const other = makeChain(10);
other.reorg(4, 4);
const blockTimeMs = 1_000;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function begin(options: Pick<DisputeOptions, "strays"> = {}) {
  const troubles: StreamTrouble[] = [];
  const told: (Disputed | undefined)[] = [];
  const book = makeTroubleBook(
    (trouble) => void troubles.push(trouble),
    () => false,
  );
  const dispute = makeDispute({
    troubles: book,
    blockTimeMs: () => blockTimeMs,
    onDisputed: (disputed) => void told.push(disputed),
    ...options,
  });
  return { dispute, told, frozen: () => troubles.at(-1)?.freeze ?? false };
}

const at = (number: number): [Candidate, Candidate] => [
  { ref: chain.blocks[number]!, endpoints: [] },
  { ref: other.blocks[number]!, endpoints: [] },
];
const open = (dispute: Dispute, number: number) => dispute.open(BigInt(number), "", at(number));

test("STREAM-05: what is over within a block time is told to nobody", () => {
  const { dispute, told, frozen } = begin();
  expect(open(dispute, 7)).toBe(false);
  vi.advanceTimersByTime(blockTimeMs);
  expect(open(dispute, 7)).toBe(false);
  dispute.settle(7n);
  expect([told, frozen()]).toEqual([[undefined], false]);
});

test("STREAM-05: after a block time the blocks that are named are told, the taken one apart", () => {
  const { dispute, told, frozen } = begin();
  open(dispute, 7);
  vi.advanceTimersByTime(blockTimeMs + 1);
  expect(open(dispute, 7)).toBe(true);
  const [taken, loser] = at(7);
  expect(told).toEqual([{ taken, others: [loser] }]);
  expect(frozen()).toBe(true);
});

test("STREAM-05: who has not come as far, and elsewhere, is told beside those who were asked", () => {
  const told: (Disputed | undefined)[] = [];
  const book = makeTroubleBook(
    () => undefined,
    () => false,
  );
  const [taken, stray] = at(7);
  const onDisputed = (disputed: Disputed | undefined) => void told.push(disputed);
  const dispute = makeDispute({ troubles: book, blockTimeMs: () => blockTimeMs, strays: () => [stray], onDisputed });
  dispute.open(7n, "", [taken]);
  vi.advanceTimersByTime(blockTimeMs + 1);
  dispute.open(7n, "", [taken]);
  expect(told).toEqual([{ taken, others: [stray] }]);
});

test("STREAM-05: a height that one endpoint alone has is no branch", () => {
  const { dispute, told } = begin();
  open(dispute, 7);
  vi.advanceTimersByTime(blockTimeMs + 1);
  expect(dispute.open(9n, "", [at(9)[0]])).toBe(true);
  expect(told).toEqual([]);
});

test("STREAM-05: agreement below what is disputed does not end it, agreement at its highest height does", () => {
  const { dispute, told, frozen } = begin();
  open(dispute, 8);
  vi.advanceTimersByTime(blockTimeMs + 1);
  open(dispute, 8);
  open(dispute, 6);
  dispute.settle(5n);
  dispute.settle(7n);
  expect([told.at(-1)?.taken.ref.number, frozen()]).toEqual([6n, true]);
  dispute.settle(8n);
  expect([told.at(-1), frozen()]).toEqual([undefined, false]);
});

test("STREAM-05: where one is left because the other is behind, and elsewhere, they disagree, up to where the other stands", () => {
  const { dispute, told, frozen } = begin({ strays: () => [at(7)[1]] });
  const [taken] = at(9);
  dispute.unconfirmed(taken);
  expect([told, frozen()]).toEqual([[{ taken, others: [at(7)[1]] }], true]);
  dispute.settle(7n);
  expect([told.at(-1), frozen()]).toEqual([undefined, false]);
});

test("STREAM-05: that one is left, and nobody elsewhere, is no disagreement", () => {
  const { dispute, told, frozen } = begin();
  dispute.unconfirmed(at(9)[0]);
  expect([told, frozen()]).toEqual([[], false]);
});
