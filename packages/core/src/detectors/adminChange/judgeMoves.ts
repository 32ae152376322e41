// What moved and was told by no event: slots of proxies and Safes, beacons' pointers, and code by delegation.
import { loweredSeverity } from "../../model/AnnouncedChange.ts";
import { zeroAddress } from "../../model/Asset.ts";
import { type Address, addressOfWord, type Hex } from "../../model/Hex.ts";
import type { TxView } from "../../model/TxView.ts";
import { touchedBy } from "../../signs/touchedBy.ts";
import { delegatedIn, movedBeacons, movedDelegates } from "./movedCode.ts";
import { type Moved, movedSlots, proxySlots, safeSlots } from "./movedSlots.ts";
import { type Context, noticeFor, plainNotice, type Seen, subjectOf } from "./Seen.ts";

/** The transactions that touch each address of `set`, for those that any does. */
export function viewsOf(txs: readonly TxView[], set: ReadonlySet<Address>): Map<Address, TxView[]> {
  const found = new Map<Address, TxView[]>();
  if (set.size === 0) return found;
  for (const view of txs)
    for (const address of touchedBy(view, set)) found.set(address, [...(found.get(address) ?? []), view]);
  return found;
}

/** The beacons that are remembered from protected proxies, with the proxy. */
export function knownBeacons({ memory, watched }: Context): Map<Address, Address> {
  return new Map(
    [...watched].flatMap((proxy): [Address, Address][] => {
      const word = memory.get(`beacon:${proxy}`) as Hex | undefined;
      const beacon = word === undefined ? zeroAddress : addressOfWord(word);
      return beacon === zeroAddress ? [] : [[beacon, proxy]];
    }),
  );
}

/** Slots of what was touched. */
export function judgeSlots(context: Context, touched: ReadonlyMap<Address, readonly TxView[]>, seen: Seen): void {
  const { memory, params, watched } = context;
  const asked = [...touched.keys()].flatMap((address) =>
    [...(watched.has(address) ? proxySlots : []), ...(params.safes.includes(address) ? safeSlots : [])].map(
      ([name, slot]) => ({ address, name, slot }),
    ),
  );
  for (const moved of movedSlots(memory, asked, context.readAll)) {
    const { address, name } = moved;
    if (seen.explained.has(`${address}|${name}`)) continue;
    // From nothing to something is a proxy being built, unless it had code already; both deserve a look.
    tellMoved(
      context,
      seen,
      moved,
      touched.get(address)!,
      `The ${name} of ${address} changed and no event told of it.`,
    );
  }
}

/** Beacons that are known and were touched: their pointer runs in every proxy of theirs, and may move without an event. */
export function judgeBeacons(context: Context, seen: Seen): void {
  const known = new Map([...knownBeacons(context)].filter(([beacon]) => !context.watched.has(beacon)));
  const touched = viewsOf(context.txs, new Set(known.keys()));
  for (const moved of movedBeacons([...touched.keys()], context.readAll)) {
    const { address, name } = moved;
    if (seen.explained.has(`${address}|implementation`)) continue;
    const reason = `The ${name} at ${address} changed and no event told of it.`;
    tellMoved(context, { ...seen, beacons: known }, moved, touched.get(address)!, reason);
  }
}

/** Accounts that control, or are protected, and whose code a delegation changed. What was signed may not have come into force. */
export function judgeDelegations(context: Context, named: ReadonlySet<Address>, seen: Seen): void {
  const signed = delegatedIn(context.txs, named);
  if (signed.size === 0) return;
  const accounts = [...signed.keys()];
  const isSeen = context.block.has.includes("S");
  const moved = isSeen ? movedDelegates(accounts, context.readAll) : accounts.map((one) => asSigned(one, signed));
  for (const one of moved) {
    const what = isSeen ? "changed by a delegation (EIP-7702)" : "may have changed: it signed a delegation (EIP-7702)";
    tellMoved(context, seen, one, signed.get(one.address)!, `Whose code ${one.address} runs ${what}.`);
  }
}

function asSigned(address: Address, signed: ReadonlyMap<Address, readonly TxView[]>): Moved {
  const delegations = signed.get(address)!.flatMap(({ tx }) => tx.delegations ?? []);
  const last = delegations.findLast(({ authority }) => authority === address)!;
  return { address, name: "delegate", before: "0x", after: last.to };
}

function tellMoved(
  context: Context,
  seen: Seen,
  { address, name, before, after }: Moved,
  views: readonly TxView[],
  reason: string,
): void {
  const only = views.length === 1 ? views[0] : undefined;
  const notice = noticeFor(context, seen, only, address, after);
  context.finding({
    severity: notice === undefined ? "high" : loweredSeverity("high", notice.steps),
    subject: subjectOf(context, seen, address),
    reason,
    ...(only === undefined ? {} : { txHash: only.tx.hash }),
    addresses: [address, ...views.map((v) => v.tx.from)].slice(0, 16),
    key: [name, after],
    score: 1,
    evidence: {
      slot: name,
      before,
      after,
      txs: views.map((v) => v.tx.hash).slice(0, 64),
      ...plainNotice(notice, "high"),
    },
  });
}
