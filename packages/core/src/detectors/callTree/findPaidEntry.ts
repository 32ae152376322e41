import { selectorOfVisit, type Visit } from "../../model/CallTree.ts";
import type { Address } from "../../model/Hex.ts";
import { selector, selectorOf } from "../../model/KnownSignature.ts";
import { everyday } from "./findRepetition.ts";
import { resyncs, trades } from "./marketsOf.ts";
import type { Sign } from "./Sign.ts";
import type { Story } from "./Story.ts";

const mint = "0x40c10f19";

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
  const payments = story.acts.filter((v) => isPayment(v, story));
  if (payments.length === 0) return undefined;
  const begun = beginnings(story);
  const victims = new Set<Address>();
  let isPaidAgain = false;
  for (const payment of payments) {
    const above = contextsAbove(payment);
    const isAtWork = (a: Address) => above.has(a) || hasBegun(begun.get(a), above, payment.order);
    const entered = new Set<Address>();
    let [spent, isPaid] = [0n, false];
    for (let at = payment.order + 1; at <= payment.end; at += 1) {
      const visit = story.visits[at]!;
      if (isEntry(visit, payment, story) && isAtWork(visit.context)) entered.add(visit.context);
      isPaid ||= pays(visit, payment.context);
      if (isSpending(visit, payment)) spent += visit.frame.value;
    }
    if (entered.size === 0 || spent * 2n >= payment.frame.value) continue;
    for (const a of entered) victims.add(a);
    victims.add(payment.frame.from);
    isPaidAgain ||= isPaid;
  }
  if (victims.size === 0) return undefined;
  return { name: "paid-entry", weight: isPaidAgain ? 3 : 2, victims: [...victims], count: victims.size };
}

/** Ether for an outsider's code, by one that it had not asked in this transaction. */
function isPayment(visit: Visit, { actors, made, wrapped }: Story): boolean {
  const { frame, context, order, end, parent } = visit;
  if (end === order || parent === undefined || frame.type !== "CALL" || frame.input !== "0x" || frame.value === 0n)
    return false;
  if (actors.has(context) || actors.has(frame.from) || made.has(context) || wrapped.has(context)) return false;
  for (let at: Visit | undefined = parent; at !== undefined; at = at.parent) if (at.context === context) return false;
  return true;
}

function contextsAbove({ parent }: Visit): Set<Address> {
  const above = new Set<Address>();
  for (let at = parent; at !== undefined; at = at.parent) above.add(at.context);
  return above;
}

/** By whom each contract was first called to do something, and where. */
type Beginnings = ReadonlyMap<Address, number>;

function beginnings({ acts }: Story): Map<Address, Map<Address, number>> {
  const begun = new Map<Address, Map<Address, number>>();
  for (const v of acts) {
    if (v.parent === undefined || everyday.has(selectorOfVisit(v))) continue;
    const callers = begun.get(v.context) ?? new Map<Address, number>();
    if (!callers.has(v.parent.context)) callers.set(v.parent.context, v.order);
    begun.set(v.context, callers);
  }
  return begun;
}

function hasBegun(callers: Beginnings | undefined, above: ReadonlySet<Address>, order: number): boolean {
  return callers !== undefined && [...callers].some(([caller, at]) => at < order && above.has(caller));
}

/** Whether the payee itself gives ether for something. */
function isSpending({ frame, parent, reverted }: Visit, payment: Visit): boolean {
  return !reverted && frame.type === "CALL" && frame.input !== "0x" && parent?.context === payment.context;
}

function isEntry(visit: Visit, payment: Visit, { wrapped }: Story): boolean {
  const { frame, context, parent, reverted, isStatic } = visit;
  if (reverted || isStatic || frame.type !== "CALL" || frame.value > 0n || parent?.context !== payment.context)
    return false;
  const name = selectorOfVisit(visit);
  return (
    context !== payment.context &&
    !wrapped.has(context) &&
    !everyday.has(name) &&
    !trades.has(name) &&
    !resyncs.has(name)
  );
}

/** Whether the call brings `payee` an asset that was not its own. */
function pays({ frame, reverted, isStatic }: Visit, payee: Address): boolean {
  if (reverted || isStatic || frame.type !== "CALL" || frame.from === payee) return false;
  if (frame.value > 0n && frame.to === payee) return true;
  const name = selectorOf(frame.input);
  const place = name === selector.transferFrom ? 98 : name === selector.transfer || name === mint ? 34 : undefined;
  return place !== undefined && `0x${frame.input.slice(place, place + 40)}` === payee;
}
