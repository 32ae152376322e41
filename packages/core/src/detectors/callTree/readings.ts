// Who the actors of a transaction may be: as whose deeds it is read.
import { actorCluster, publicInfrastructure } from "../../model/ActorCluster.ts";
import { type Visit, walk } from "../../model/CallTree.ts";
import type { Address } from "../../model/Hex.ts";
import { selector } from "../../model/KnownSignature.ts";
import type { TxView } from "../../model/TxView.ts";
import { flashCallbacks, flashFunctions } from "../../signs/FlashLoan.ts";
import { isCreation, type Story, storyOf } from "./Story.ts";

const read = new WeakMap<TxView, readonly Story[]>();

/**
 * The readings of `view`, which must have a trace; `watched` are no actors. There is a second one where the contract that
 * was called first only passes the call on: then whoever it passes it to may be the one that acts. A loan that the sender asks
 * for himself has readings of its own.
 */
export function storiesOf(view: TxView, watched: ReadonlySet<Address>): readonly Story[] {
  let usual = read.get(view);
  if (usual === undefined) {
    usual = readingsOf(view, new Set());
    read.set(view, usual);
  }
  return usual.some(({ actors }) => overlaps(actors, watched)) ? readingsOf(view, watched) : usual;
}

function readingsOf(view: TxView, watched: ReadonlySet<Address>): readonly Story[] {
  const visits = walk(view.trace!);
  const actors = actorCluster(view, watched);
  for (const v of visits)
    if (isCreation(v) && v.parent !== undefined && !actors.has(v.parent.context)) actors.delete(v.frame.to);
  const root = visits[0]!;
  const receiver = flashFunctions.has(root.selector) ? calledBackBy(root.context, visits, new Set()) : undefined;
  const isLender = actors.has(root.context) || publicInfrastructure.has(root.context);
  if (receiver !== undefined && receiver !== root.context && isLender)
    return loanReadings(actors, root.context, watched.has(receiver) ? undefined : receiver).map((a) =>
      storyOf(view, a),
    );
  const led = driversOf(visits, actors, watched);
  const first = storyOf(view, actors);
  return led.length === 0 ? [first] : [first, storyOf(view, new Set([...actors, ...led]))];
}

/**
 * The sender asks a lender for a loan himself. The lender may be honest, and the receiver the sender's or anybody's; or the
 * sender's own contract goes by the name of a lender, and calls a helper back.
 */
function loanReadings(
  actors: ReadonlySet<Address>,
  lender: Address,
  receiver: Address | undefined,
): ReadonlySet<Address>[] {
  const alone = [...actors].filter((a) => a !== lender);
  if (receiver === undefined) return [new Set(alone)];
  return [new Set(alone), new Set([...alone, receiver]), new Set([...actors, receiver])];
}

function overlaps(some: ReadonlySet<Address>, others: ReadonlySet<Address>): boolean {
  return [...others].some((a) => some.has(a));
}

// Who passes a call on does so once or twice. A chain of contracts is free to make, and each link costs a look at the whole tree.
const mostDrivers = 4;

/**
 * Whom the actors lead to by a single call each, payments and transfers apart. A lender leads to whom it calls back. What is
 * protected leads nowhere: whom it calls, it chose.
 */
function driversOf(visits: readonly Visit[], actors: ReadonlySet<Address>, watched: ReadonlySet<Address>): Address[] {
  const led: Address[] = [];
  const all = new Set(actors);
  const lenders = new Set<Address>();
  for (;;) {
    const calls = visits.filter(
      (v) =>
        v.parent !== undefined &&
        !v.reverted &&
        !v.isStatic &&
        v.frame.type === "CALL" &&
        all.has(v.parent.context) &&
        !all.has(v.context) &&
        !plain.has(v.selector) &&
        !(lenders.has(v.context) && flashFunctions.has(v.selector)),
    );
    const called = calls[0]?.context;
    if (called === undefined || publicInfrastructure.has(called) || calls.some((v) => v.context !== called)) return led;
    if (lenders.has(called) || watched.has(called)) return led;
    const isLender = calls.some((v) => flashFunctions.has(v.selector));
    const next = isLender ? calledBackBy(called, visits, all) : called;
    if (next === undefined || watched.has(next)) return led;
    if (isLender) lenders.add(called);
    all.add(next);
    led.push(next);
    if (led.length > mostDrivers) return [];
  }
}

/** The one contract that a lender calls back. */
function calledBackBy(lender: Address, visits: readonly Visit[], actors: ReadonlySet<Address>): Address | undefined {
  const receivers = new Set<Address>();
  for (const { parent, context, reverted, selector: name } of visits)
    if (!reverted && parent?.context === lender && flashCallbacks.has(name)) receivers.add(context);
  const [only] = receivers;
  return receivers.size === 1 && !actors.has(only!) ? only : undefined;
}

const plain: ReadonlySet<string> = new Set([
  "0x",
  selector.transfer,
  selector.transferFrom,
  "0x095ea7b3",
  selector.deposit,
  selector.withdraw,
]);
