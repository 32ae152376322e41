import { type Asset, native, zeroAddress } from "../../model/Asset.ts";
import { type Address, wordAt } from "../../model/Hex.ts";
import { selector } from "../../model/KnownSignature.ts";
import { isDust } from "./dust.ts";
import { falseTokens } from "./findHollowPayment.ts";
import { sentToThemselves } from "./findSelfTransfer.ts";
import { liquidity, marketsOf } from "./marketsOf.ts";
import type { Sign } from "./Sign.ts";
import { netOfActors, type Story } from "./Story.ts";

/** What the actors keep, and from whom. */
export interface KeptGain {
  readonly assets: readonly Asset[];
  /** Outsiders who end with less of these assets. */
  readonly losers: readonly Address[];
  /** Whoever has less of anything is a market that did nothing but trade, as in arbitrage. */
  readonly isTrade: boolean;
}

/**
 * Kept gain (weight 1, 0.5 where only pools that traded have less of anything, and by what was put into them no more than a hundredth): the actors, and addresses that only
 * received, end with more of an asset that outsiders lost, and with less of nothing.
 *
 * Not counted as given away: dust (10,000 smallest units, a tenth of a thousandth of a coin, or a thousandth of what the actors moved
 * of that asset), tokens that this transaction created, and claims: tokens whose own contract dealt in other assets here, as
 * a vault share or a pool token does, since a bare tree does not show that they were minted, and tokens of which the contract
 * that gave them had seen its own balance to be nothing; nor what stands for a token in the actors' code alone (`falseTokens`); nor a token of which the actors sent as much from an address to
 * itself, for whoever does may have made it so; nor what went into markets that gave them no more than a tenth of what they end
 * with of anything, where they gave some of it to an outsider before one gave them any: a little is bought to have a foot in the door. Keys on balances alone, not on prices.
 * Evasion: paying with a worthless token that was created earlier; taking the gain in a later transaction.
 */
export function findKeptGain(story: Story): KeptGain | undefined {
  const net = netOfActors(story);
  const gross = grossOfActors(story);
  const assets: Asset[] = [];
  for (const [asset, amount] of net) {
    const least = (gross.get(asset) ?? 0n) / 1000n;
    const isTrifle = (n: bigint) => isDust(asset, n) || n <= least;
    if (amount < 0n && !isTrifle(-amount) && !isNoPrice(story, asset, -amount) && !wasNotHeld(story, asset)) {
      if (!isSmallPurchase(story, net, asset, -amount)) return undefined;
    }
    if (amount > 0n && !isTrifle(amount * 10n) && !story.made.has(asset as Address)) assets.push(asset);
  }
  const losers = losersOf(story, new Set(assets));
  const lost = new Set(
    losers.flatMap((loser) => [...story.net.get(loser)!].flatMap(([asset, n]) => (n < 0n ? asset : []))),
  );
  const sourced = assets.filter((asset) => lost.has(asset));
  if (sourced.length === 0) return undefined;
  const markets = marketsOf(story);
  const isTrade = [...story.net].every(([a, own]) => markets.has(a) || !isOutsider(story, a) || !hasLess(own));
  // What is put into a pool and taken out of it may be paid at a false price; arbitrage leaves little.
  const isLittle = sourced.every((asset) => (net.get(asset) ?? 0n) * 200n <= (gross.get(asset) ?? 0n));
  const isPooled = story.direct.some((v) => liquidity.has(v.selector));
  return { assets: sourced, losers, isTrade: isTrade && (!isPooled || isLittle) };
}

export function keptGainSign({ assets, losers, isTrade }: KeptGain): Sign {
  return { name: "kept-gain", weight: isTrade ? 0.5 : 1, victims: losers, count: assets.length };
}

function isNoPrice(story: Story, asset: Asset, given: bigint): boolean {
  if (asset === native) return false;
  const { made, net } = story;
  const token = asset.split(":")[0] as Address;
  if ((sentToThemselves(story).get(token) ?? 0n) >= given || falseTokens(story).has(token)) return true;
  return made.has(token) || [...(net.get(token) ?? [])].some(([other]) => other !== asset);
}

/** Before the actors gave any of `asset`, the contract that gave it looked at its balance and had none. */
function wasNotHeld({ visits, actors }: Story, asset: Asset): boolean {
  const seen = new Map<Address, boolean>();
  for (const { context, frame, reverted, selector: name } of visits) {
    if (context !== asset || reverted) continue;
    const holder: Address = `0x${frame.input.slice(34, 74)}`;
    if (name === selector.balanceOf && actors.has(holder) && !seen.has(holder))
      seen.set(holder, isDust(asset, wordAt(frame.output, 0) ?? 1n));
    if (name === selector.transfer && actors.has(frame.from)) return seen.get(frame.from) === true;
    if (name === selector.transferFrom && actors.has(holder)) return seen.get(holder) === true;
  }
  return false;
}

// How many times what they bought of it the actors have to end with.
const timesBought = 10n;

/** Whether `spent` of `asset` went into markets, which gave the actors little beside what others gave them for some of it. */
function isSmallPurchase(story: Story, net: ReadonlyMap<Asset, bigint>, asset: Asset, spent: bigint): boolean {
  const markets = marketsOf(story);
  let taken = 0n;
  for (const market of markets) taken += story.net.get(market)?.get(asset) ?? 0n;
  if (taken < spent) return false;
  const bought = new Map<Asset, bigint>();
  for (const { asset: other, from, to, amount } of story.moves)
    if (markets.has(from) && (story.actors.has(to) || story.purses.has(to)))
      bought.set(other, (bought.get(other) ?? 0n) + amount);
  const isLittle = ([other, amount]: [Asset, bigint]) => (net.get(other) ?? 0n) >= timesBought * amount;
  return bought.size > 0 && [...bought].every(isLittle) && isFootInDoor(story, bought, markets);
}

/** Whether the actors gave an outsider, no market, some of what they had `bought`, before one gave them any. Who collects or sells gives none. */
function isFootInDoor(story: Story, bought: ReadonlyMap<Asset, bigint>, markets: ReadonlySet<Address>): boolean {
  const isOther = (a: Address) => isOutsider(story, a) && !markets.has(a);
  for (const { asset, from, to } of story.moves) {
    if (!bought.has(asset)) continue;
    if (story.actors.has(from) && isOther(to)) return true;
    if (story.actors.has(to) && isOther(from)) return false;
  }
  return false;
}

function grossOfActors({ moves, actors }: Story): Map<Asset, bigint> {
  const gross = new Map<Asset, bigint>();
  for (const { asset, from, to, amount } of moves)
    if (actors.has(from) !== actors.has(to)) gross.set(asset, (gross.get(asset) ?? 0n) + amount);
  return gross;
}

/** Outsiders with less of one of `assets`. A wrapped coin pays out what it burns, and loses nothing. */
function losersOf(story: Story, assets: ReadonlySet<Asset>): Address[] {
  // By what each deals in: a transaction may hold thousands of both.
  const isLoser = (a: Address, own: ReadonlyMap<Asset, bigint>) =>
    isOutsider(story, a) && [...own].some(([asset, n]) => n < 0n && assets.has(asset));
  return [...story.net].flatMap(([a, own]) => (isLoser(a, own) ? [a] : []));
}

function isOutsider({ actors, purses, wrapped }: Story, a: Address): boolean {
  return a !== zeroAddress && !actors.has(a) && !purses.has(a) && !wrapped.has(a);
}

function hasLess(own: ReadonlyMap<Asset, bigint>): boolean {
  return [...own.values()].some((n) => n < 0n);
}

/** The losers of `gain`, and the outsiders who paid the actors something that these do not keep, as loot that was sold on. */
export function sourcesOf(story: Story, { losers }: KeptGain): Address[] {
  const sources = new Set(losers);
  for (const { asset, from, to } of story.moves)
    if (story.actors.has(to) && isOutsider(story, from) && !isDust(asset, -(story.net.get(from)?.get(asset) ?? 0n)))
      sources.add(from);
  return [...sources];
}
