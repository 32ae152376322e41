import { entriesInto, findReentries, type Visit, walk } from "../../model/CallTree.ts";
import type { Address, Hex } from "../../model/Hex.ts";
import { selector, selectorOf } from "../../model/KnownSignature.ts";
import type { TxView } from "../../model/TxView.ts";
import { swapCallbacks } from "../../signs/PoolCallback.ts";
import { isSwapLog } from "../../signs/SpotPrice.ts";
import type { ImpactThenUseContext } from "./ImpactThenUseParams.ts";
import type { Moved } from "./Moved.ts";

/** Whether `view` makes one of the calls that count as a use. */
export function isUse(context: ImpactThenUseContext, view: TxView): boolean {
  const { uses } = context.params;
  if (uses.length === 0) return true;
  if (view.trace === undefined) return uses.includes(selectorOf(view.tx.input));
  return entriesInto(view.trace, context.watched).some((v) => uses.includes(v.selector));
}

/** Whether a use begins after the call in which the pool was moved has ended, or while a v3 pool awaits its payment. */
export function isUsedAfter(
  context: ImpactThenUseContext,
  view: TxView,
  cluster: ReadonlySet<Address>,
  move: Moved,
): boolean {
  const { uses } = context.params;
  if (view.trace === undefined)
    return isUse(context, view) && view.logs.some((l) => l.index > move.passedAt! && context.watched.has(l.address));
  const swap = swapOf(view, move);
  if (swap === undefined) return false;
  const answers = answersTo(view, cluster, context.watched);
  return entriesInto(view.trace, context.watched).some(
    (v) =>
      !v.isStatic &&
      !answers.has(v) &&
      (v.order > swap.end || isInCallbackOf(swap, v)) &&
      (uses.length === 0 || uses.includes(v.selector)),
  );
}

/** The call in which the price passed the limit: by its log, where the tracer gives logs, else the pool's first that may write. */
function swapOf(view: TxView, { pool, passedAt }: Moved): Visit | undefined {
  const own = walk(view.trace!).filter(
    (v) => !v.reverted && !v.isStatic && v.context === pool && v.selector !== unlock,
  );
  const told = view.logs.filter((log) => log.address === pool && isSwapLog(log));
  const telling = own.flatMap((v) => v.frame.logs.filter(isSwapLog).map(() => v));
  const nth = told.findIndex((log) => log.index === passedAt);
  return telling.length === told.length ? telling[nth] : own[0];
}

// A singleton (Uniswap v4) stays open around all that its caller does; the swap is a call within.
const unlock: Hex = "0x48c89491";

/** Whether `use` lies in a callback of the swap, other than as the callback itself or as the payment that it is for. */
function isInCallbackOf(swap: Visit, use: Visit): boolean {
  if (use.order <= swap.order || use.order > swap.end || isPaymentTo(swap.context, use.frame.input)) return false;
  for (let at = use.parent; at !== undefined && at.order > swap.order; at = at.parent)
    if (at.parent?.context === swap.context && at.context !== swap.context && swapCallbacks.has(at.selector))
      return true;
  return false;
}

function isPaymentTo(pool: Address, input: Hex): boolean {
  const name = selectorOf(input);
  const names = (index: number) => input.slice(34 + index * 64, 74 + index * 64) === pool.slice(2);
  if (name === selector.transfer) return names(0);
  if (name === selector.transferFrom) return names(1);
  return name === selector.deposit;
}

/** Calls back into the protected set while it is calling out itself, with no contract of the actors in between: payments, callbacks. */
function answersTo(view: TxView, cluster: ReadonlySet<Address>, watched: ReadonlySet<Address>): Set<Visit> {
  const reentries = findReentries(view.trace!, watched);
  return new Set(reentries.filter(({ via }) => !via.some((a) => cluster.has(a))).map(({ inner }) => inner));
}
