import { zeroAddress } from "../../model/Asset.ts";
import type { Visit } from "../../model/CallTree.ts";
import { type Address, type Hex, wordAt } from "../../model/Hex.ts";
import { selector } from "../../model/KnownSignature.ts";
import type { Sign } from "./Sign.ts";
import { assetOf, type Story } from "./Story.ts";
import { checksIn, isSignedFor } from "./signatures.ts";

const execTransaction = "0x6a761202";

/**
 * Relayed spending (weight 3): the contract that the sender calls makes a `transferFrom` that stands word for word in the
 * sender's calldata, of tokens of somebody who takes no part, to somebody else than itself; or any outsider does, or it takes them to
 * itself, and the actors end with as much.
 *
 * It can be told to call anything, and spends what others allowed it to. A multi-signature wallet that collects its dues
 * has signatures for it and is passed over, and so is whoever takes no more for it than a part. Source: Seneca, Li.Fi, Unizen; a wallet's
 * exchange of 2020, of which a tree was read. Evasion: calldata that is put together on the way.
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
    if (visit.selector !== selector.transferFrom || frame.input.length < 202) continue;
    const holder: Address = `0x${frame.input.slice(34, 74)}`;
    const to: Address = `0x${frame.input.slice(98, 138)}`;
    if (holder === zeroAddress || story.actors.has(holder) || to === holder) continue;
    if ([...(story.net.get(holder)?.values() ?? [])].some((n) => n > 0n)) continue;
    if (!spelledOut.has(frame.input.slice(2, 202)) || story.active.has(holder)) continue;
    const isPlain = parent.context === root.context && to !== root.context;
    if (!isPlain && !(isKept(visit, story) && !isSignedFor(visit, holder, checks))) continue;
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

/** Whether an outsider spends, by no wallet's order, what the actors end with. */
function isKept(visit: Visit, story: Story): boolean {
  if (story.actors.has(visit.parent!.context)) return false;
  for (let at = visit.parent; at !== undefined; at = at.parent) if (at.selector === execTransaction) return false;
  const amount = wordAt(`0x${visit.frame.input.slice(10)}`, 2) ?? 0n;
  let kept = 0n;
  const asset = assetOf(story, visit.context);
  for (const holder of [...story.actors, ...story.purses]) kept += story.net.get(holder)?.get(asset) ?? 0n;
  return amount > 0n && kept >= amount;
}
