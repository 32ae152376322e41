import type { BlockRef } from "@testudo/core/model/BlockBundle";
import type { StreamTrouble } from "@testudo/core/model/ChainEvent";
import type { Finding } from "@testudo/core/model/Finding";
import type { Commit } from "@testudo/core/model/Output";
import { hashOf, identify } from "@testudo/core/model/Record";
import { expect, test } from "vitest";
import { blockRef, childOf, finding } from "../store/chain.testkit.ts";
import { makeDoubtBook } from "./DoubtBook.ts";
import { type FoundOn, makeFindingTeller } from "./FindingTeller.ts";
import { makeTrail } from "./Trail.ts";

const shared = [1, 2, 3].map((n) => blockRef(n));
const mine = childOf(shared[2]!, "mine");
const theirs = childOf(shared[2]!, "theirs");

const foundAt = (ref: BlockRef, more: Partial<Finding> = {}): Finding => {
  const { id: _, ...rest } = finding(1);
  return identify({ ...rest, blockNumber: ref.number, blockHash: ref.hash, ...more } as never);
};

function begin(main: readonly BlockRef[], branch: readonly BlockRef[]) {
  const told: StreamTrouble[] = [];
  const tell = (trouble: StreamTrouble) => void told.push(trouble);
  let nowMs = 0;
  const trail = makeTrail(main);
  const teller = makeFindingTeller({ main: trail, tell, now: () => nowMs });
  const on: FoundOn = { labels: ["other"], trail: makeTrail(branch), doubts: makeDoubtBook(["other"], tell), held: [] };
  const take = (...records: Finding[]) => teller.take(on, { records } as unknown as Commit);
  const lines = () => told.splice(0).map(({ trouble, endpoint, message }) => `${trouble} ${endpoint} | ${message}`);
  const pass = (ms: number) => {
    nowMs += ms;
  };
  return { teller, on, main: trail, take, lines, pass };
}

const parted = () => begin([...shared, mine], [...shared, theirs]);

test("STREAM-05: a critical finding of a branch is told with block, fork, detector, subject and reason, once", () => {
  const { take, lines } = parted();
  const found = foundAt(theirs);
  take(found);
  take(found);
  expect(lines()).toEqual([
    `branch-finding branch of other: critical ${found.dedupKey} | On the branch that other shows and the watch does not follow (block 4 ${theirs.hash}, 1 block from the fork at 3): outflow says critical about ${found.subject}: Half of the vault left in one transaction.`,
  ]);
});

test("STREAM-05: two findings are two troubles, and a graver one of the same kind is another", () => {
  const { take, lines } = parted();
  const key = hashOf(["another"]);
  take(foundAt(theirs, { severity: "high" }), foundAt(theirs), foundAt(theirs, { dedupKey: key }));
  expect(new Set(lines().map((line) => line.split(" |")[0])).size).toBe(3);
});

test("STREAM-05: what is less than high, or not in a block, is not told of a branch", () => {
  const { take, lines } = parted();
  const prediction = { tx: theirs.hash, sender: theirs.hash, nonce: null, tipWei: 0n, maxFeeWei: 0n, untilBlock: 9n };
  take(foundAt(theirs, { severity: "medium" }), foundAt(theirs, { prediction } as never));
  expect(lines()).toEqual([]);
});

test("STREAM-05: what is found in a block that the main watch has is the main watch's to tell", () => {
  const { take, lines } = parted();
  take(foundAt(shared[2]!));
  expect(lines()).toEqual([]);
});

test("STREAM-05: what comes before the main watch has decided waits, and is told only where it decides otherwise", () => {
  for (const [next, count] of [
    [mine, 1],
    [theirs, 0],
  ] as const) {
    const { take, lines, main, teller, on } = begin(shared, [...shared, theirs]);
    take(foundAt(theirs));
    expect(lines()).toEqual([]);
    main.note({ cursor: next });
    teller.review(on);
    expect(lines()).toHaveLength(count);
    expect(on.held).toEqual([]);
  }
});

test("STREAM-05: whoever makes up attacks has 20 an hour told, and that there are more is told too", () => {
  const { take, lines, pass } = parted();
  const many = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, i) => foundAt(theirs, { dedupKey: hashOf(["key", from + i]) }));
  take(...many(0, 100));
  const first = lines();
  expect(first.filter((line) => line.startsWith("branch-finding"))).toHaveLength(20);
  expect(first.filter((line) => line.startsWith("branch-unjudged branch of other (more)"))).toHaveLength(1);
  pass(3_600_000);
  take(...many(100, 101));
  expect(lines()).toHaveLength(1);
});

test("STREAM-08: findings that wait are bounded, and that some were dropped is told", () => {
  const { take, lines, on } = begin(shared, [...shared, theirs]);
  take(...Array.from({ length: 100 }, (_, i) => foundAt(theirs, { dedupKey: hashOf(["key", i]) })));
  expect(on.held).toHaveLength(64);
  expect(lines()).toEqual([expect.stringContaining("branch-unjudged branch of other (more)")]);
});

test("STREAM-08: many high findings that wait do not push out a critical one that comes after them", () => {
  const { take, lines, main, teller, on } = begin(shared, [...shared, theirs]);
  take(
    ...Array.from({ length: 64 }, (_, i) => foundAt(theirs, { severity: "high", dedupKey: hashOf(["key", i]) })),
    foundAt(theirs),
  );
  lines();
  main.note({ cursor: mine });
  teller.review(on);
  expect(lines().filter((line) => line.includes(": critical "))).toHaveLength(1);
});

test("STREAM-05: a reason that fills pages is cut", () => {
  const { take, lines } = parted();
  take(foundAt(theirs, { reason: "x".repeat(100_000) }));
  expect(lines()[0]!.length).toBeLessThan(1_100);
});

test("STREAM-08: what one node makes up hides neither what another shows, nor what is critical", () => {
  const { take, teller, on, lines } = parted();
  const many = (severity: "high" | "critical") =>
    Array.from({ length: 30 }, (_, i) => foundAt(theirs, { severity, dedupKey: hashOf([severity, i]) }));
  take(...many("high"));
  expect(lines()).toHaveLength(21);
  take(...many("critical"));
  expect(lines()).toHaveLength(20);
  const another = { ...on, labels: ["another"] };
  teller.take(another, { records: [foundAt(theirs)] } as unknown as Commit);
  expect(lines()).toEqual([expect.stringContaining("branch-finding branch of another: critical")]);
});

test("STREAM-08: a block full of findings far from the fork takes the main watch no longer than one near it", () => {
  const chain = (name: string, length: number) => {
    const refs = [...shared];
    while (refs.length < length) refs.push(childOf(refs.at(-1)!, name));
    return refs;
  };
  const msAt = (length: number): number => {
    const theirs = chain("theirs", length);
    const { take, lines } = begin(chain("ours", length), theirs);
    const found = Array.from({ length: 8_000 }, (_, i) => foundAt(theirs.at(-1)!, { dedupKey: hashOf(["key", i]) }));
    const start = performance.now();
    take(...found);
    const ms = performance.now() - start;
    expect(lines()).toHaveLength(21);
    return ms;
  };
  const near = msAt(4);
  // Each of them looking at every block back to the fork took 25 times as long.
  expect(msAt(2_000)).toBeLessThan(3 * near);
});

test("STREAM-05: what waits for the main watch is told where that stands still for a minute, however the branch goes on", () => {
  const { take, lines, main, teller, on, pass } = begin(shared.slice(0, 2), [...shared, theirs]);
  take(foundAt(theirs));
  pass(50_000);
  main.note({ cursor: shared[2]! });
  teller.review(on);
  pass(50_000);
  teller.review(on);
  expect(lines()).toEqual([]);
  pass(10_001);
  teller.review(on);
  expect(lines()).toEqual([expect.stringContaining("1 block from the fork at 3")]);
  expect(on.held).toEqual([]);
});
