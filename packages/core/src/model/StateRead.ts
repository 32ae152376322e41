import type { BlockRef, CallFrame } from "./BlockBundle.ts";
import { type FrameId, nameOfFrame } from "./FrameId.ts";
import type { Address, Hex } from "./Hex.ts";

/** At which block state is read: the block under judgement, its parent, or a block named by hash. Never by number. */
export type AtBlock = "parent" | "block" | { readonly hash: Hex };

/** Before or after one transaction of the block under judgement. */
export type AtTx = { readonly beforeTx: Hex } | { readonly afterTx: Hex };

/**
 * Before or after one call within a transaction, named by `frameIdOf`.
 *
 * - `beforeCall`: the world as the caller leaves it to the call. Nothing of the call is done: its value has not moved, an account that
 *   it creates is not there, nor is its creator's nonce used.
 * - `afterCall`: the world as the caller finds it when it goes on. Where the call succeeded, its value has moved and code is deposited.
 *   Where it failed, all is taken back that it and the calls in it did, its value too; of a creation that began, the creator's nonce is
 *   left. A self-destruction has moved the balance; an account that goes with it goes after the transaction.
 *
 * So between two calls of one caller that writes nothing in between, after the first is before the second, and what a call did is what
 * differs between its two sides. It is the same for every kind of call: one by delegation moves no value and writes for its caller,
 * and one of a precompiled contract moves value alone. Before the outermost call, the fee for all of the transaction's gas is paid
 * and its nonce used; after it, nothing of the fee is given back yet, nor has the block's producer anything of it.
 *
 * It is what the code saw at that moment, also where a call around it, or all of the transaction, was taken back afterwards: on the
 * chain there never was such a state. That is meant. A price that is wrong in the middle of a call is read there by others (read-only
 * re-entrancy), and stands right again at both ends. A view that is called there is called as if by another contract at that moment: it
 * sees transient storage, and so a lock that is held. It changes nothing of the transaction.
 */
export type AtCall = { readonly beforeCall: FrameId } | { readonly afterCall: FrameId };

/**
 * Where state is read: at a block, or within the block under judgement. There it can be had only where the block is executed again
 * here; elsewhere `atBlock` stands for it, and the answer says so (`standIn`).
 */
export type At = AtBlock | AtTx | AtCall;

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

/** A state that is further from a call or a transaction than the one that was asked for. */
export type StandIn = "parent" | "block" | "beforeTx" | "afterTx";

/**
 * What a node answered. A revert is an answer (`ok: false`); a node that cannot be reached is not. Only the answer to
 * `simulate` has `runs`; its `value` is the words of the slots, one after the other. Only that to `remote` has `ref`: the
 * block of the other chain that it was read at. `standIn` names the state that the answer is from, where the one that was asked for
 * could not be had.
 */
export type StateAnswer = (
  | { readonly ok: true; readonly value: Hex; readonly runs?: readonly TriedRun[]; readonly ref?: BlockRef }
  | { readonly ok: false; readonly error: string }
) & { readonly standIn?: StandIn };

/** Whether `answer` says that nobody could tell, and nothing of the chain. */
export function isUnavailable(answer: StateAnswer): boolean {
  return !answer.ok && answer.error.startsWith("unavailable");
}

/** Whether a node of the watched chain answers `read` by itself; a fork or another chain is asked otherwise. */
export function isNodeRead(read: StateRead): read is NodeRead {
  return read.kind !== "simulate" && read.kind !== "remote";
}

/** The block whose state stands for `at` where nobody executes it again: before a transaction or a call its parent, after one itself. */
export function atBlock(at: At): AtBlock {
  if (!isAmongTxs(at)) return at;
  return isBefore(at) ? "parent" : "block";
}

/** Whether `at` lies within a block. */
export function isAmongTxs(at: At): at is AtTx | AtCall {
  return typeof at !== "string" && !("hash" in at);
}

/** Whether `at` lies within a transaction. */
export function isWithinTx(at: At): at is AtCall {
  return isAmongTxs(at) && ("beforeCall" in at || "afterCall" in at);
}

/** The call that `at` is about. */
export function frameOf(at: AtCall): FrameId {
  return "beforeCall" in at ? at.beforeCall : at.afterCall;
}

/** The transaction that `at` is about, or is within. */
export function txOf(at: AtTx | AtCall): Hex {
  if (isWithinTx(at)) return frameOf(at).tx;
  return "beforeTx" in at ? at.beforeTx : at.afterTx;
}

/** Whether `at` lies before what it names. */
export function isBefore(at: AtTx | AtCall): boolean {
  return "beforeTx" in at || "beforeCall" in at;
}

/** `answer`, which is from the end of the block that `atBlock` names: it says so where another state was asked for. */
export function fromBlock(at: At, answer: StateAnswer): StateAnswer {
  return isAmongTxs(at) ? { ...answer, standIn: isBefore(at) ? "parent" : "block" } : answer;
}

/** `answer`, which is from the end of the transaction in which `at` lies: it says so where that of a call was asked for. */
export function fromTx(at: At, answer: StateAnswer): StateAnswer {
  return isWithinTx(at) ? { ...answer, standIn: isBefore(at) ? "beforeTx" : "afterTx" } : answer;
}

function nameOf(at: At): string {
  if (typeof at === "string") return at;
  if ("hash" in at) return at.hash;
  const what = isWithinTx(at) ? nameOfFrame(frameOf(at)) : txOf(at);
  return `${isBefore(at) ? "before" : "after"} ${what}`;
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
