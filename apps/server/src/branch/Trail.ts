import { makeSpine, type Spine } from "@testudo/chain/stream/Spine";
import type { BlockRef } from "@testudo/core/model/BlockBundle";
import type { Commit } from "@testudo/core/model/Output";

/** The newest blocks of a chain as commits tell them, whatever the nodes call final. */
export interface Trail {
  readonly last: BlockRef | undefined;
  at(number: bigint): BlockRef | undefined;
  note(commit: Pick<Commit, "cursor">): void;
}

/** Where a block stands, seen from the chain that is followed. */
export type Place =
  | { readonly kind: "shared" }
  /** The followed chain is not as far yet. */
  | { readonly kind: "undecided" }
  /** It was reorganised away on its own branch. */
  | { readonly kind: "gone" }
  /** `fork`: the newest block that both have; undefined where it is not known any more. */
  | { readonly kind: "branch"; readonly fork: BlockRef | undefined };

// As far as a stream finds its way back, several times over.
const mostBlocks = 1_024n;

/** Makes the trail that ends with `refs`: consecutive, oldest first. */
export function makeTrail(refs: readonly BlockRef[]): Trail {
  let spine: Spine = makeSpine(refs);
  return {
    get last() {
      return spine.last;
    },
    at: (number) => spine.at(number),
    note({ cursor }) {
      if (cursor === undefined) return;
      const { last } = spine;
      if (last === undefined || (cursor.parentHash === last.hash && cursor.number === last.number + 1n))
        spine.push(cursor);
      else if (spine.at(cursor.number)?.hash === cursor.hash) spine.cutAbove(cursor);
      else spine = makeSpine([cursor]);
      // Seldom, for it copies what it keeps.
      if (cursor.number - spine.first!.number > 2n * mostBlocks) spine.forgetBelow(cursor.number - mostBlocks);
    },
  };
}

/** Where block `ref` of `branch` stands, seen from `main`. `forkHere`: what `forkOf` says, for who asks of many: it looks at each block of a branch. */
export function placeOf(
  main: Trail,
  branch: Trail,
  ref: Pick<BlockRef, "number" | "hash">,
  forkHere: () => BlockRef | undefined = () => forkOf(main, branch),
): Place {
  if (branch.at(ref.number)?.hash !== ref.hash) return { kind: "gone" };
  const ours = main.at(ref.number);
  if (ours?.hash === ref.hash) return { kind: "shared" };
  const fork = forkHere();
  // Both may go the same way still: it is a branch only where ours has another block after the last common one.
  if (main.last === undefined || (fork !== undefined && fork.number === main.last.number)) return { kind: "undecided" };
  return { kind: "branch", fork };
}

/** The newest block that both have. */
export function forkOf(main: Trail, branch: Trail): BlockRef | undefined {
  const [a, b] = [main.last, branch.last];
  if (a === undefined || b === undefined) return undefined;
  for (let number = a.number < b.number ? a.number : b.number; ; number -= 1n) {
    const ours = main.at(number);
    if (ours === undefined || ours.hash === branch.at(number)?.hash) return ours;
    if (branch.at(number) === undefined) return undefined;
  }
}
