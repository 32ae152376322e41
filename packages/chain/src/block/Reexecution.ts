import type { CallFrame, Log } from "@testudo/core/model/BlockBundle";
import type { Endpoint } from "../rpc/rpcEndpoint.ts";
import type { Block } from "../wire/parseBlock.ts";

/** What came of executing a block again: its call trees, or why they may not be taken for what happened. */
export type Reexecuted =
  | { readonly traces: readonly CallFrame[] }
  /** `isOfBlock`: the next one may well come out, and the node has done what it could. */
  | { readonly why: string; readonly isOfBlock?: boolean };

/**
 * Executes the transactions of `block` again, on the state before it that `endpoint` gives. `logs` are those of the block,
 * checked against its header: what comes out otherwise is no call tree of it. Throws what the endpoint throws.
 */
export type Reexecute = (endpoint: Endpoint, block: Block, logs: readonly Log[]) => Promise<Reexecuted>;

/** Which blocks are executed again where a node offers no call trees of them. */
export interface Reexecution {
  readonly execute: Reexecute;
  /** Blocks before this one are not. */
  readonly from: bigint;
  /** Whether an endpoint is asked for every block, however many have failed: nobody waits for the next one. */
  readonly isPatient?: boolean;
  /** Told why a block has none. */
  readonly onFailed?: (number: bigint, why: string) => void;
}
