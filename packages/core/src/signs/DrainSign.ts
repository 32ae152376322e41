// Signs that an outflow is an attack rather than business (Z3 to Z8 of the zero-configuration rules, and Z9, which state alone tells).
import { groupBy } from "../math/groupBy.ts";
import { actorCluster, type DeployerOf, madeIn } from "../model/ActorCluster.ts";
import type { CallFrame } from "../model/BlockBundle.ts";
import { entriesInto, findReentries, type Visit, walk } from "../model/CallTree.ts";
import type { CreationOf } from "../model/Creations.ts";
import type { Address, Hex } from "../model/Hex.ts";
import { selector } from "../model/KnownSignature.ts";
import type { Memory } from "../model/Memory.ts";
import { oncePer } from "../model/oncePer.ts";
import { ringOf } from "../model/Ring.ts";
import { transfersOf } from "../model/Transfer.ts";
import type { TxView } from "../model/TxView.ts";
import { findAdminEvents } from "./AdminEvent.ts";
import { findFlashLoans, flashFunctions } from "./FlashLoan.ts";
import { isReading } from "./isReading.ts";

/** Z3 young caller, Z4 flash loan, Z5 re-entered, Z7 control changed, Z8 donation, Z9 payee without a past. Z6 needs history. */
export type DrainSign = "Z3" | "Z4" | "Z5" | "Z7" | "Z8" | "Z9";

/** What a sign rests on. */
export interface DrainSigns {
  readonly cluster: ReadonlySet<Address>;
  readonly signs: readonly DrainSign[];
}

/** Calls that hand control to their caller by design: flash loans, `unlock` and `lock` of singletons, Morpho's callbacks. */
export const callbackByDesign: ReadonlySet<Hex> = new Set([
  ...(flashFunctions.keys() as Iterable<Hex>),
  "0x48c89491", // unlock(bytes)
  "0x9ca17998", // lock(address,bytes)
  "0x1fad948c", // handleOps of ERC-4337 0.6
  "0x765e827f", // handleOps of ERC-4337 0.7
  "0xa67a6a45", // operate of dYdX
] as const);

/** When, and what is known of who made what. */
export interface Now {
  readonly block: number;
  readonly youngBlocks: number;
  readonly infrastructure: ReadonlySet<Address>;
  readonly creationOf: CreationOf;
  readonly deployerOf: DeployerOf;
}

/** The signs that `view` shows about its dealings with `subject`. */
export function drainSigns(
  view: TxView,
  subject: Address,
  watched: ReadonlySet<Address>,
  memory: Memory,
  now: Now,
): DrainSigns {
  const { deployerOf, creationOf } = now;
  const cluster = actorCluster(view, watched, deployerOf, now.infrastructure);
  const made = new Set(madeIn(view));
  const isYoung = (contract: Address) =>
    made.has(contract) || (creationOf(contract)?.block ?? Number.NEGATIVE_INFINITY) >= now.block - now.youngBlocks;
  const signs: DrainSign[] = [];
  if ([...callersOf(view, watched)].some((c) => !watched.has(c) && isYoung(c))) signs.push("Z3");
  if (findFlashLoans(view).length > 0) signs.push("Z4");
  if (isReenteredBy(view, watched, cluster)) signs.push("Z5");
  if (findAdminEvents(view, watched).length > 0) signs.push("Z7");
  if (isDonatedTo(view, subject, memory, cluster)) signs.push("Z8");
  return { cluster, signs };
}

/**
 * The contract that was called first, and all on the way from it into the protected set: an old contract that calls
 * whatever it is told to, as a multicall does, may stand on either side of the one that acts. Code run by delegation counts.
 */
function callersOf(view: TxView, watched: ReadonlySet<Address>): Set<Address> {
  const callers = new Set(view.tx.to === null ? madeIn(view).slice(0, 1) : [view.tx.to]);
  if (view.trace === undefined) return callers;
  const passed = new Set<Visit>();
  for (const entry of entriesInto(view.trace, watched)) {
    if (entry.isStatic) continue;
    for (let at = entry.parent; at !== undefined && !passed.has(at); at = at.parent) {
      passed.add(at);
      callers.add(at.context).add(at.frame.to);
    }
  }
  return callers;
}

function isReenteredBy(view: TxView, watched: ReadonlySet<Address>, cluster: ReadonlySet<Address>): boolean {
  if (view.trace === undefined) return false;
  return findReentries(view.trace, watched).some(
    ({ outer, inner, via }) =>
      !isReading(inner) && via.some((a) => cluster.has(a)) && !callbackByDesign.has(outer.selector),
  );
}

/** Money that was pushed into `subject` unasked: the same asset pushed and paid out in one go, or by the same people earlier. */
function isDonatedTo(view: TxView, subject: Address, memory: Memory, cluster: ReadonlySet<Address>): boolean {
  const earlier = ringOf<readonly string[]>(memory, `donors:${subject}`);
  if (earlier.some((donors) => donors.some((d) => cluster.has(d as Address)))) return true;
  const pushed = pushedInto(view, subject);
  if (pushed.size === 0) return false;
  const { transfers } = transfersOf(view.tx, view.logs, view.trace);
  return transfers.some((t) => t.from === subject && t.to !== subject && pushed.has(t.asset));
}

/** Tokens sent into `subject` by a direct `transfer` while no call into it was open. */
function pushedInto(view: TxView, subject: Address): Set<string> {
  const pushed = new Set<string>();
  if (view.trace === undefined) return pushed;
  for (const visit of pushesIn(view.trace).get(subject) ?? []) {
    if (visit.frame.to === subject) continue;
    let open = visit.parent;
    while (open !== undefined && open.context !== subject) open = open.parent;
    if (open === undefined) pushed.add(visit.frame.to);
  }
  return pushed;
}

/** The calls of `transfer` that lasted, by whom they name. */
const pushesIn = oncePer((root: CallFrame) =>
  groupBy(walk(root), ({ reverted, selector: name, frame }): Address | undefined =>
    reverted || name !== selector.transfer ? undefined : `0x${frame.input.slice(34, 74)}`,
  ),
);

/** Whether `view` moved assets into `subject` without any call into the protected set: a donation, if it was not a plain user's. */
export function isUncalledInflow(view: TxView, subject: Address, watched: ReadonlySet<Address>): boolean {
  if (view.trace === undefined || entriesInto(view.trace, watched).some((v) => !v.isStatic)) return false;
  return [...(view.flow().net.get(subject)?.values() ?? [])].some((n) => n > 0n);
}
