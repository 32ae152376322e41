import type { CallFrame } from "@testudo/core/model/BlockBundle";
import { entriesInto, type Visit, walk } from "@testudo/core/model/CallTree";
import type { Address, Hex } from "@testudo/core/model/Hex";
import { blockOf } from "../record/blockOf.ts";
import type { Capsule, TransactionRole } from "../record/Capsule.ts";
import type { PlacedTx } from "./TxRun.ts";

/** A call from outside into a victim that could write, and lasted. */
export interface VictimCall {
  readonly role: TransactionRole;
  readonly victim: Address;
  readonly selector: Hex;
  readonly input: Hex;
  readonly caller: Address;
  readonly origin: Address;
  readonly block: bigint;
  /** The place of its transaction in the capsule. */
  readonly index: number;
}

/** A view that was asked below a call into a victim. */
export interface Consulted {
  readonly to: Address;
  readonly input: Hex;
}

/** The calls into `victims` in the run of `placed`, and who was asked a view below the attack's. */
export function callsInto(
  capsule: Capsule,
  victims: readonly Address[],
  placed: PlacedTx,
  trace: CallFrame,
): { readonly calls: readonly VictimCall[]; readonly consulted: readonly Consulted[] } {
  const entries = entriesInto(trace, new Set(victims)).filter(isWriting);
  const calls = entries.map((visit) => toCall(capsule, placed, visit));
  const below = visitsBelow(trace, entries).filter(({ frame }) => frame.type === "STATICCALL");
  return { calls, consulted: below.map(({ frame: { to, input } }) => ({ to, input })) };
}

/** The calls into `victims` that a run of `placed` made, although they did not last. */
export function callsTried(
  capsule: Capsule,
  victims: readonly Address[],
  placed: PlacedTx,
  trace: CallFrame,
): { readonly calls: readonly VictimCall[] } {
  const isVictim = (address: Address | undefined) => address !== undefined && victims.includes(address);
  const entries = walk(trace).filter(({ context, parent }) => isVictim(context) && !isVictim(parent?.context));
  return { calls: entries.filter(isWriting).map((visit) => toCall(capsule, placed, visit)) };
}

function isWriting({ frame, isStatic }: Visit): boolean {
  return !isStatic && frame.input.length >= 10;
}

function toCall(capsule: Capsule, { tx, role, index }: PlacedTx, visit: Visit): VictimCall {
  return {
    role,
    victim: visit.context,
    selector: visit.selector,
    input: visit.frame.input,
    caller: visit.parent?.context ?? visit.frame.from,
    origin: tx.from,
    block: blockOf(capsule, tx.blockNumber).number,
    index,
  };
}

/** In one walk: a hostile trace has a million frames, and as many entries. */
function visitsBelow(trace: CallFrame, entries: readonly Visit[]): readonly Visit[] {
  let next = 0;
  let end = -1;
  return walk(trace).filter(({ order }) => {
    const isBelow = order <= end;
    while (entries[next] !== undefined && entries[next]!.order <= order) end = Math.max(end, entries[next++]!.end);
    return isBelow;
  });
}

/** Everybody whom a gate of `victims` may have marked in a run: who called them, and who sent it. */
export function callersOf(trace: CallFrame, origin: Address, victims: readonly Address[]): readonly Address[] {
  const callers = walk(trace).filter(({ frame }) => victims.includes(frame.to));
  return callers.length === 0 ? [] : [origin, ...callers.map(({ frame }) => frame.from)];
}
