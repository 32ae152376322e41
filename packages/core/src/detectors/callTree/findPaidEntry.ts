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
 * moment. Its code calls, may write, a contract that was at work in this transaction before: one that is open still, or
 * that those above had called and whose books they are about to close.
 *
 * The sender need not be the attacker: a keeper carries out what anybody ordered, and pays it out. Passed over are trades,
 * payments, calls that pass ether on as staking does, and contracts that asked for the payment themselves. What the
 * actors do while they are paid is re-entry's to say.
 * Source: published accounts of GMX (July 2025); no tree of it was at hand. Evasion: an order paid out in a token.
 */
export function findPaidEntry(story: Story): Sign | undefined {
  const payments = story.acts.filter((v) => isPayment(v, story));
  if (payments.length === 0) return undefined;
  const begun = beginnings(story);
  const victims = new Set<Address>();
  let isPaidAgain = false;
  for (const payment of payments) {
    const inside = story.visits.slice(payment.order + 1, payment.end + 1);
    const entered = inside.filter(
      (v) => isEntry(v, payment, story) && (begun.get(v.context) ?? Infinity) < payment.order,
    );
    for (const { context } of entered) victims.add(context);
    if (entered.length === 0) continue;
    victims.add(payment.frame.from);
    isPaidAgain ||= inside.some((v) => pays(v, payment.context));
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

/** Where each contract was first called to do something. */
function beginnings({ acts }: Story): Map<Address, number> {
  const begun = new Map<Address, number>();
  for (const v of acts) if (!begun.has(v.context) && !everyday.has(selectorOfVisit(v))) begun.set(v.context, v.order);
  return begun;
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
