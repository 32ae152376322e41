// What detectors read of state: a view is code, and its answer the node's word.
import type { BlockRef } from "@testudo/core/model/BlockBundle";
import { isUnavailable, type NodeRead, type StateAnswer } from "@testudo/core/model/StateRead";
import { type AskNode, type Hearing, makeWitnesses } from "./Witnesses.ts";

/** Asks one node for state. */
export type AskState = AskNode<NodeRead, StateAnswer>;

/** State that is no one node's word, over one stream. */
export interface SecondOpinion {
  /** The answers to `reads` at live block `ref`, as `Witnesses` hears them. */
  read(ref: BlockRef, reads: readonly NodeRead[], asking: Asking): Promise<StateAnswer[] | undefined>;
}

/** How nodes are asked. `isCostly`: for what may take them long, so that whoever takes long over it is not left out of the rest. */
export interface Asking {
  readonly ask: AskState;
  readonly isCostly: boolean;
}

/** Makes a second opinion over the nodes of a stream. */
export function makeSecondOpinion({ pool, ...stream }: Hearing): SecondOpinion {
  const more = { ...stream, pool, part: "state", isSame, nameOf, isSilent: isUnavailable } as const;
  // What one of them could not tell among others is asked of all of them by itself.
  const quick = makeWitnesses<NodeRead, StateAnswer>({ ...more, isSilenceKept: true });
  const costly = makeWitnesses<NodeRead, StateAnswer>(more);
  return {
    read: ({ number }, reads, { ask, isCostly }) =>
      (isCostly ? costly : quick).hear(number, pool.candidates(number), reads, ask),
  };
}

function isSame(one: StateAnswer, two: StateAnswer): boolean {
  // In which words a node says that a call reverts is its own.
  return one.ok && two.ok ? one.value === two.value : one.ok === two.ok;
}

function nameOf(read: NodeRead): string {
  if (read.kind === "call") return `call ${read.data.slice(0, 10)} of ${read.to}`;
  return read.kind === "slot" ? `slot ${read.slot} of ${read.address}` : `${read.kind} of ${read.address}`;
}
