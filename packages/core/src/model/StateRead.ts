import type { BlockRef, CallFrame } from "./BlockBundle.ts";
import type { Address, Hex } from "./Hex.ts";

/** At which block state is read: the block under judgement, its parent, or a block named by hash. Never by number. */
export type AtBlock = "parent" | "block" | { readonly hash: Hex };

/**
 * Where state is read: at a block, or before or after one transaction of the block under judgement. Between two transactions
 * there is a state only where the block is executed again here; elsewhere `atBlock` stands for it.
 */
export type At = AtBlock | { readonly beforeTx: Hex } | { readonly afterTx: Hex };

/** A transaction to try, sent in the name of `from` without its key. */
export interface TriedCall {
  readonly from: Address;
  readonly to: Address;
  readonly value: bigint;
  readonly data: Hex;
}

/** What became of a tried transaction: its call tree, with logs. */
export interface TriedRun {
  readonly succeeded: boolean;
  readonly trace: CallFrame;
}

/**
 * One question about state. The answer to `call` is the return data, to the others a 32-byte word or the code. `simulate`
 * runs calls one after the other on the state after the block, on a fork that forgets them, and answers with their runs
 * and then the words of `slots` as they stand afterwards. Where there is no fork the answer is not ok: judge without it.
 * `remote` is a call on another chain, at its newest block when the question is answered: later than the block under
 * judgement, whatever the clocks say.
 */
export type StateRead =
  | { readonly kind: "call"; readonly at: At; readonly to: Address; readonly data: Hex }
  | { readonly kind: "slot"; readonly at: At; readonly address: Address; readonly slot: Hex }
  | { readonly kind: "balance"; readonly at: At; readonly address: Address }
  | { readonly kind: "code"; readonly at: At; readonly address: Address }
  | {
      readonly kind: "simulate";
      readonly at: "block";
      readonly calls: readonly TriedCall[];
      readonly slots: readonly { readonly address: Address; readonly slot: Hex }[];
    }
  | {
      readonly kind: "remote";
      readonly at: "block";
      readonly chainId: number;
      readonly to: Address;
      readonly data: Hex;
    };

/** A question that a node of the watched chain answers by itself. */
export type NodeRead = Exclude<StateRead, { readonly kind: "simulate" | "remote" }>;

/**
 * What a node answered. A revert is an answer (`ok: false`); a node that cannot be reached is not. Only the answer to
 * `simulate` has `runs`; its `value` is the words of the slots, one after the other. Only that to `remote` has `ref`: the
 * block of the other chain that it was read at.
 */
export type StateAnswer =
  | { readonly ok: true; readonly value: Hex; readonly runs?: readonly TriedRun[]; readonly ref?: BlockRef }
  | { readonly ok: false; readonly error: string };

/** Whether a node of the watched chain answers `read` by itself; a fork or another chain is asked otherwise. */
export function isNodeRead(read: StateRead): read is NodeRead {
  return read.kind !== "simulate" && read.kind !== "remote";
}

/** The block whose state stands for `at` where nobody executes it again: before a transaction its parent, after one itself. */
export function atBlock(at: At): AtBlock {
  if (typeof at === "string" || "hash" in at) return at;
  return "beforeTx" in at ? "parent" : "block";
}

/** Whether `at` lies between the transactions of a block. */
export function isAmongTxs(at: At): at is Exclude<At, AtBlock> {
  return typeof at !== "string" && !("hash" in at);
}

function nameOf(at: At): string {
  if (typeof at === "string") return at;
  if ("hash" in at) return at.hash;
  return "beforeTx" in at ? `before ${at.beforeTx}` : `after ${at.afterTx}`;
}

/** A key that is equal for equal questions. */
export function keyOfRead(read: StateRead): string {
  const at = nameOf(read.at);
  switch (read.kind) {
    case "call":
      return `call:${at}:${read.to}:${read.data}`;
    case "slot":
      return `slot:${at}:${read.address}:${read.slot}`;
    case "balance":
      return `balance:${at}:${read.address}`;
    case "code":
      return `code:${at}:${read.address}`;
    case "simulate": {
      const calls = read.calls.map(({ from, to, value, data }) => `${from}>${to}:${value}:${data}`);
      const slots = read.slots.map(({ address, slot }) => `${address}:${slot}`);
      return `simulate:${at}:${calls.join()}:${slots.join()}`;
    }
    case "remote":
      return `remote:${read.chainId}:${read.to}:${read.data}`;
    default:
      return never(read);
  }
}

function never(read: never): never {
  throw new TypeError(`Unknown state read ${JSON.stringify(read)}.`);
}
