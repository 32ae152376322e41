import type { BlockRef } from "@testudo/core/model/BlockBundle";
import { hashOf } from "@testudo/core/model/Record";
import fc from "fast-check";
import { expect, test } from "vitest";
import { forkOf, makeTrail, placeOf } from "./Trail.ts";

/** A chain of blocks `from` to `to` after `parent`, told apart by `name`. */
function chain(name: string, from: number, to: number, parent: string = hashOf([name, from - 1])): BlockRef[] {
  const refs: BlockRef[] = [];
  for (let n = from; n <= to; n += 1) {
    const hash = hashOf([name, n]);
    const parentHash = refs.at(-1)?.hash ?? (parent as BlockRef["hash"]);
    refs.push({ number: BigInt(n), hash, parentHash, timestamp: BigInt(n) });
  }
  return refs;
}

const shared = chain("shared", 1, 5);
const ours = [...shared, ...chain("ours", 6, 8, shared.at(-1)!.hash)];
const theirs = [...shared, ...chain("theirs", 6, 9, shared.at(-1)!.hash)];
const at = (refs: readonly BlockRef[], number: number) => refs.find((ref) => ref.number === BigInt(number))!;

test("STREAM-05: a block that both chains have is shared, one of the branch alone is told with the fork", () => {
  const [main, branch] = [makeTrail(ours), makeTrail(theirs)];
  expect(placeOf(main, branch, at(theirs, 5))).toEqual({ kind: "shared" });
  for (const number of [6, 9])
    expect(placeOf(main, branch, at(theirs, number))).toEqual({ kind: "branch", fork: at(shared, 5) });
});

test("STREAM-05: while the followed chain ends where the branch goes on, nothing is decided", () => {
  const [main, branch] = [makeTrail(shared), makeTrail(theirs)];
  expect(placeOf(main, branch, at(theirs, 6))).toEqual({ kind: "undecided" });
  main.note({ cursor: at(theirs, 6) });
  expect(placeOf(main, branch, at(theirs, 6))).toEqual({ kind: "shared" });
  expect(placeOf(main, branch, at(theirs, 7))).toEqual({ kind: "undecided" });
});

test("STREAM-05: a block that its own branch gave up is gone", () => {
  const [main, branch] = [makeTrail(ours), makeTrail(theirs)];
  branch.note({ cursor: at(theirs, 6) });
  expect(placeOf(main, branch, at(theirs, 7))).toEqual({ kind: "gone" });
});

test("STREAM-05: where no common block is known any more, it is a branch with an unknown fork", () => {
  const [main, branch] = [makeTrail(ours), makeTrail(chain("stranger", 4, 7))];
  expect(placeOf(main, branch, at(chain("stranger", 4, 7), 6))).toEqual({ kind: "branch", fork: undefined });
});

test("STREAM-05: a trail follows reorgs and unknown blocks, and keeps a bounded number", () => {
  const trail = makeTrail([]);
  for (const cursor of chain("long", 1, 5_000)) trail.note({ cursor });
  expect([trail.last?.number, trail.at(5_000n - 1_024n)?.number, trail.at(1_000n)]).toEqual([
    5_000n,
    3_976n,
    undefined,
  ]);
  const [stranger] = chain("stranger", 7, 7);
  trail.note({ cursor: stranger! });
  expect([trail.last, trail.at(4_999n)]).toEqual([stranger, undefined]);
  trail.note({});
  expect(trail.last).toEqual(stranger);
});

test("STREAM-05: the fork is the newest common block, however long both ways from it", () => {
  fc.assert(
    fc.property(fc.nat(20), fc.nat(20), fc.integer({ min: 1, max: 20 }), (mine, other, common) => {
      const base = chain("base", 1, common);
      const way = (name: string, length: number) => [
        ...base,
        ...chain(name, common + 1, common + length, base.at(-1)!.hash),
      ];
      const fork = forkOf(makeTrail(way("a", mine)), makeTrail(way("b", other)));
      expect(fork).toEqual(base.at(-1));
    }),
  );
});
