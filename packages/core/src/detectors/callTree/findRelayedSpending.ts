import { type Asset, zeroAddress } from "../../model/Asset.ts";
import type { Visit } from "../../model/CallTree.ts";
import { type Address, type Hex, wordAt } from "../../model/Hex.ts";
import { selector } from "../../model/KnownSignature.ts";
import { oncePer } from "../../model/oncePer.ts";
import type { Sign } from "./Sign.ts";
import { assetOf, netOfActors, type Story } from "./Story.ts";
import { checksIn, isSignedFor } from "./signatures.ts";

const execTransaction = "0x6a761202";

/**
 * Relayed spending (weight 3): the contract that the sender calls makes a `transferFrom` that stands word for word in the
 * sender's calldata, of tokens of somebody who takes no part, to somebody else than itself; or any outsider does, or it takes them to
 * itself, and the actors end with as much.
 *
 * It can be told to call anything, and spends what others allowed it to. A multi-signature wallet that collects its dues
 * has signatures for it and is passed over; what is taken to itself has to end with the sender, who is not named to it as a payee in
 * a call of its own: a wallet, timelock or sweeper is told where all goes. Source: Seneca, Li.Fi, Unizen; a wallet's
 * exchange of 2020, of which a tree was read. Evasion: calldata that is put together on the way; by way of itself,
 * a second account, naming oneself as a payee of nothing, or an old signature of the holder's.
 */
export function findRelayedSpending(story: Story): Sign | undefined {
  const root = story.visits[0]!;
  const told = root.frame.input;
  if (root.reverted || told.startsWith(execTransaction)) return undefined;
  const victims = new Set<Address>();
  const spenders = new Set<Address>();
  const checks = checksIn(story);
  const spelledOut = spendingsIn(told);
  if (spelledOut.size === 0) return undefined;
  for (const visit of story.acts) {
    const { frame, parent } = visit;
    if (parent === undefined || frame.type !== "CALL") continue;
    if (visit.selector !== selector.transferFrom || frame.input.length < 202 || /^0x0+$/.test(frame.output)) continue;
    const holder: Address = `0x${frame.input.slice(34, 74)}`;
    const to: Address = `0x${frame.input.slice(98, 138)}`;
    if (holder === zeroAddress || story.actors.has(holder) || to === holder) continue;
    if ([...(story.net.get(holder)?.values() ?? [])].some((n) => n > 0n)) continue;
    if (!spelledOut.has(frame.input.slice(2, 202)) || story.active.has(holder)) continue;
    const amount = wordAt(`0x${frame.input.slice(10)}`, 2) ?? 0n;
    if (amount === 0n) continue;
    const asset = assetOf(story, visit.context);
    const isPlain = parent.context === root.context && to !== root.context;
    if (to === root.context && !isTakenBySender(story, asset, amount)) continue;
    // Who can be told to call anything can be told to check an old signature too.
    if (!isPlain && (!isOutsiders(visit, story) || isSignedFor(visit, holder, checks))) continue;
    if (!isPlain && (keptOf(story).get(asset) ?? 0n) < amount) continue;
    victims.add(holder);
    spenders.add(parent.context);
  }
  if (victims.size === 0) return undefined;
  return { name: "relayed-spending", weight: 3, victims: [...victims, ...spenders], count: victims.size };
}

/** Each `transferFrom` with its words that stands in `calldata`. Looked for once: thousands of calls may be compared with it. */
function spendingsIn(calldata: Hex): ReadonlySet<string> {
  const found = new Set<string>();
  const name = selector.transferFrom.slice(2);
  for (let at = calldata.indexOf(name, 10); at >= 0; at = calldata.indexOf(name, at + 1))
    if (at + spendingLength <= calldata.length) found.add(calldata.slice(at, at + spendingLength));
  return found;
}

/** Hex digits of a selector and three words. */
const spendingLength = 8 + 3 * 64;

/** Whether an outsider spends, by no wallet's order. */
function isOutsiders(visit: Visit, { actors }: Story): boolean {
  if (actors.has(visit.parent!.context)) return false;
  for (let at = visit.parent; at !== undefined; at = at.parent) if (at.selector === execTransaction) return false;
  return true;
}

/** What the actors end with; summed once for however many spendings. */
const keptOf = oncePer(netOfActors);

/**
 * Whether the sender himself ends with `amount` that came by way of the contract he called. Wallets, timelocks and collectors that are
 * told to take to themselves are told to whom it goes, or bring it to somebody else.
 */
function isTakenBySender({ view: { tx }, visits, net }: Story, asset: Asset, amount: bigint): boolean {
  const wayOut = `${selector.transfer.slice(2)}${tx.from.slice(2).padStart(64, "0")}`;
  return (net.get(tx.from)?.get(asset) ?? 0n) >= amount && !visits[0]!.frame.input.includes(wayOut);
}
