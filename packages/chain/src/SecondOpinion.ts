// What detectors read of state: a view is code, and its answer the node's word.
import type { BlockRef } from "@testudo/core/model/BlockBundle";
import type { NodeRead, StateAnswer } from "@testudo/core/model/StateRead";
import type { EndpointPool } from "./EndpointPool.ts";
import type { Proving } from "./ProofBook.ts";
import { type AskNode, makeWitnesses } from "./Witnesses.ts";

/** Asks one node for state. */
export type AskState = AskNode<NodeRead, StateAnswer>;

/** State that is no one node's word, over one stream. */
export interface SecondOpinion {
  /** The answers to `reads` at live block `ref`, as `Witnesses` hears them. */
  read(ref: BlockRef, reads: readonly NodeRead[], ask: AskState): Promise<StateAnswer[] | undefined>;
}

/** What a second opinion needs of its stream. */
export interface SecondOpinionOf extends Pick<Proving, "troubles" | "isLive"> {
  readonly pool: Pick<EndpointPool, "members" | "candidates">;
}

/** Makes a second opinion over the nodes of a stream. */
export function makeSecondOpinion({ pool, ...stream }: SecondOpinionOf): SecondOpinion {
  const witnesses = makeWitnesses<NodeRead, StateAnswer>({ ...stream, pool, part: "state", isSame, nameOf });
  return {
    read: ({ number }, reads, ask) => witnesses.hear(number, pool.candidates(number), reads, ask),
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
