import { type Asset, zeroAddress } from "../../model/Asset.ts";
import type { Visit } from "../../model/CallTree.ts";
import type { Address } from "../../model/Hex.ts";
import { selector } from "../../model/KnownSignature.ts";
import type { KeptGain } from "./findKeptGain.ts";
import { countIn, isTakenFor, paidByHand, paymentsOf } from "./payments.ts";
import type { Sign } from "./Sign.ts";
import { entryTo, netOfActors, type Story } from "./Story.ts";

/**
 * Unpaid mint (weight 2, 3 where nobody lost what is kept): the actors themselves call `mint(address,uint256)`, or
 * `mint(uint256,address)` of a vault, of a standing token for one of their own, pay nothing for it, give the token to an
 * outsider, and keep something else: a mint that nobody guarded. Where what they keep was made for them as well, as a loan of a
 * coin that its protocol mints, there is no loser and no kept gain beside it.
 *
 * A bridge or farm that mints for its caller keeps nothing; whoever buys from the token pays it; a pool token is a claim on
 * what was given. Source: Shezmu (2024), Meta Pool (2025). Evasion: a mint of another name; keeping the token for a later
 * transaction.
 */
export function findUnpaidMint(story: Story, gain: KeptGain | undefined): Sign | undefined {
  const minted = new Set<Address>();
  const mints = story.direct.filter((visit) => {
    const receiver = minteeOf(visit);
    return receiver !== undefined && story.actors.has(receiver) && !story.made.has(visit.context);
  });
  if (mints.length === 0) return undefined;
  const paid = paidByHand(story);
  for (const mint of mints)
    if (!minted.has(mint.context) && !paid.has(mint.context) && !isTakenFor(story, mint)) minted.add(mint.context);
  if (minted.size === 0) return undefined;
  const given = story.moves.filter(
    ({ asset, from, to }) =>
      minted.has(asset as Address) && story.actors.has(from) && !story.actors.has(to) && to !== zeroAddress,
  );
  const kept = gain?.assets ?? madeFor(story, minted);
  if (given.length === 0 || kept.every((asset) => minted.has(asset as Address))) return undefined;
  const victims = [...new Set(given.flatMap(({ asset, to }) => [asset as Address, to]))];
  return { name: "unpaid-mint", weight: gain === undefined ? 3 : 2, victims, count: given.length };
}

/** For whom a call mints, if it is a mint that is not paid with it. */
function minteeOf({ frame: { input, value }, selector: name }: Visit): Address | undefined {
  if (input.length < 138 || value > 0n) return undefined;
  if (name === selector.mint) return `0x${input.slice(34, 74)}`;
  return name === selector.mintShares ? `0x${input.slice(98, 138)}` : undefined;
}

/** What the actors keep of tokens that outsiders minted for them, where they gave nothing but what is in `free`. */
function madeFor(story: Story, free: ReadonlySet<Address>): Asset[] {
  const lent = lentAlone(story);
  const kept: Asset[] = [];
  for (const [asset, amount] of netOfActors(story)) {
    const token = asset.split(":")[0] as Address;
    if (amount < 0n && !free.has(token)) return [];
    // A token whose contract dealt in others is a claim on them.
    if (amount > 0n && lent.has(token) && !story.made.has(token) && !free.has(token) && !story.net.has(token))
      kept.push(asset);
  }
  return kept;
}

/** Tokens that were minted for the actors in a call of theirs that took nothing: what is minted as something comes in is its receipt. */
function lentAlone(story: Story): Set<Address> {
  const { taken } = paymentsOf(story);
  const lent = new Set<Address>();
  for (const mint of story.acts) {
    if (mint.selector !== selector.mint || !story.actors.has(`0x${mint.frame.input.slice(34, 74)}`)) continue;
    const entry = entryTo(mint, story.actors);
    if (story.actors.has(entry.context) || entry.frame.value > 0n) continue;
    if (countIn(taken, entry, entry.order) === 0) lent.add(mint.context);
  }
  return lent;
}
