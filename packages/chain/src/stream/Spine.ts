import type { BlockRef } from "@testudo/core/model/BlockBundle";

/**
 * The blocks that a stream has given and that may still fall away, oldest first. Each is the parent of the next, so a
 * new block either continues the last one or tells of a reorg (STREAM-02).
 */
export interface Spine {
  readonly first: BlockRef | undefined;
  readonly last: BlockRef | undefined;
  at(number: bigint): BlockRef | undefined;
  push(ref: BlockRef): void;
  /** Takes off what is above `ancestor` and returns it, newest first. */
  cutAbove(ancestor: BlockRef): BlockRef[];
  /** Forgets what is below `number`. */
  forgetBelow(number: bigint): void;
  /** Up to `count` of the newest, oldest first. */
  newest(count: number): readonly BlockRef[];
}

/** Makes a spine of `refs`, which have to be consecutive. Throws `SpineBroken` when they are not. */
export function makeSpine(refs: readonly BlockRef[]): Spine {
  let list: BlockRef[] = [];
  const spine: Spine = {
    get first() {
      return list[0];
    },
    get last() {
      return list.at(-1);
    },
    at(number) {
      const first = list[0];
      return first === undefined || number < first.number ? undefined : list[Number(number - first.number)];
    },
    push(ref) {
      const last = list.at(-1);
      if (last !== undefined && (ref.parentHash !== last.hash || ref.number !== last.number + 1n))
        throw new SpineBroken(last, ref);
      list.push(ref);
    },
    cutAbove(ancestor) {
      const kept = list.filter((ref) => ref.number <= ancestor.number);
      const fallen = list.slice(kept.length).reverse();
      list = kept.length === 0 ? [ancestor] : kept;
      return fallen;
    },
    forgetBelow(number) {
      const first = list[0];
      if (first !== undefined && first.number < number)
        list = list.slice(Math.min(Number(number - first.number), list.length - 1));
    },
    newest: (count) => list.slice(-count),
  };
  for (const ref of refs) spine.push(ref);
  return spine;
}

/** A block was put after one that is not its parent. */
export class SpineBroken extends Error {
  override readonly name = "SpineBroken";
  constructor(last: BlockRef, next: BlockRef) {
    super(
      [
        `Block ${next.number} ${next.hash} does not follow block ${last.number} ${last.hash}.`,
        "- Known blocks must be consecutive, oldest first, each the parent of the next.",
        "- Pass the blocks as they were committed, or the last one alone.",
      ].join("\n"),
    );
  }
}
