import type { Visit } from "../../model/CallTree.ts";
import type { Address } from "../../model/Hex.ts";
import { selector } from "../../model/KnownSignature.ts";
import { readTransferCall } from "../../model/Transfer.ts";
import { everyday } from "./findRepetition.ts";
import { resyncs, trades } from "./marketsOf.ts";
import type { Sign } from "./Sign.ts";
import type { Story } from "./Story.ts";

/**
 * Paid entry (weight 2, 3 where it is paid once more meanwhile): a contract that somebody else's call pays ether uses the
 * moment. Its code calls, may write, a contract that is open still, or that one of those above it had called before: their
 * books are half written.
 *
 * The sender need not be the attacker: a keeper carries out what anybody ordered, and pays it out. Passed over are trades,
 * payments, whoever spends half of the ether or more at once, as those do who stake or buy, and contracts that asked for the
 * payment themselves. What the actors do while they are paid is re-entry's to say.
 * Source: published accounts of GMX (July 2025); no tree of it was at hand. Evasion: an order paid out in a token.
 */
export function findPaidEntry(story: Story): Sign | undefined {
  const payments = openPayments(story);
  if (payments.size === 0) return undefined;
  const begun = beginnings(story);
  const incomes = incomesOf(story, new Set([...payments.keys()].map(({ context }) => context)));
  const victims = new Set<Address>();
  let isPaidAgain = false;
  for (const [payment, { above, calls }] of payments) {
    const spent = calls.reduce((sum, { frame }) => sum + frame.value, 0n);
    if (spent * 2n >= payment.frame.value) continue;
    const isAtWork = ({ context }: Visit) => above.has(context) || hasBegun(begun.get(context), above, payment.order);
    const entered = calls.filter((v) => isEntry(v, story) && isAtWork(v));
    if (entered.length === 0) continue;
    for (const { context } of entered) victims.add(context);
    victims.add(payment.frame.from);
    isPaidAgain ||= incomes.get(payment.context)?.some((at) => at > payment.order && at <= payment.end) === true;
  }
  if (victims.size === 0) return undefined;
  return { name: "paid-entry", weight: isPaidAgain ? 3 : 2, victims: [...victims], count: victims.size };
}

interface Opened {
  /** Whose calls are open while it is paid. */
  readonly above: ReadonlySet<Address>;
  /** What the payee's code calls in the moment, ether alone apart. */
  readonly calls: Visit[];
}

/** Ether for the code of outsiders who are not at work already, with what that code calls then. */
function openPayments({ acts, actors, made, wrapped }: Story): ReadonlyMap<Visit, Opened> {
  const payments = new Map<Visit, Opened>();
  const contexts = new Map<Visit, ReadonlySet<Address>>();
  for (const v of acts) {
    const { frame, context, parent, order, end } = v;
    if (parent === undefined || frame.type !== "CALL") continue;
    if (frame.input !== "0x") payments.get(ownFrame(parent, payments))?.calls.push(v);
    else if (frame.value > 0n && end > order) {
      if (actors.has(context) || actors.has(frame.from) || made.has(context) || wrapped.has(context)) continue;
      const above = contexts.get(parent) ?? contextsFrom(parent);
      contexts.set(parent, above);
      if (!above.has(context)) payments.set(v, { above, calls: [] });
    }
  }
  return payments;
}

/** The payment in whose frame the code at `visit` runs, through whatever code of others it runs as its own; else the visit. */
function ownFrame(visit: Visit, payments: ReadonlyMap<Visit, Opened>): Visit {
  let at = visit;
  while (!payments.has(at) && at.frame.type === "DELEGATECALL" && at.parent !== undefined) at = at.parent;
  return at;
}

function contextsFrom(visit: Visit): Set<Address> {
  const contexts = new Set<Address>();
  for (let at: Visit | undefined = visit; at !== undefined; at = at.parent) contexts.add(at.context);
  return contexts;
}

/** By whom each contract was first called to do something, and where. */
type Beginnings = ReadonlyMap<Address, number>;

function beginnings({ acts }: Story): Map<Address, Map<Address, number>> {
  const begun = new Map<Address, Map<Address, number>>();
  for (const v of acts) {
    if (v.parent === undefined || everyday.has(v.selector)) continue;
    const callers = begun.get(v.context) ?? new Map<Address, number>();
    if (!callers.has(v.parent.context)) callers.set(v.parent.context, v.order);
    begun.set(v.context, callers);
  }
  return begun;
}

function hasBegun(callers: Beginnings | undefined, above: ReadonlySet<Address>, order: number): boolean {
  if (callers === undefined) return false;
  // Both can be long where a transaction was made to be slow; the shorter one is gone through.
  if (callers.size <= above.size) {
    for (const [caller, at] of callers) if (at < order && above.has(caller)) return true;
    return false;
  }
  for (const caller of above) if ((callers.get(caller) ?? Infinity) < order) return true;
  return false;
}

/** Whether the call makes somebody else's contract do something that is no everyday business. */
function isEntry(visit: Visit, { wrapped }: Story): boolean {
  const { frame, context, parent } = visit;
  const name = visit.selector;
  if (frame.value > 0n || context === parent?.context || wrapped.has(context)) return false;
  return !everyday.has(name) && !trades.has(name) && !resyncs.has(name);
}

/** Where others bring each of `payees` an asset. */
function incomesOf({ acts }: Story, payees: ReadonlySet<Address>): ReadonlyMap<Address, readonly number[]> {
  const incomes = new Map<Address, number[]>();
  for (const visit of acts) {
    const to = broughtTo(visit);
    if (to === undefined || !payees.has(to) || visit.frame.from === to) continue;
    const known = incomes.get(to);
    if (known === undefined) incomes.set(to, [visit.order]);
    else known.push(visit.order);
  }
  return incomes;
}

function broughtTo(visit: Visit): Address | undefined {
  const { frame } = visit;
  if (frame.type !== "CALL") return undefined;
  if (frame.value > 0n) return frame.to;
  return visit.selector === selector.mint ? `0x${frame.input.slice(34, 74)}` : readTransferCall(visit)?.to;
}
