import { type Asset, zeroAddress } from "../../model/Asset.ts";
import type { Visit } from "../../model/CallTree.ts";
import type { Address } from "../../model/Hex.ts";
import { selector } from "../../model/KnownSignature.ts";
import { isDust } from "./dust.ts";
import { type KeptGain, sourcesOf } from "./findKeptGain.ts";
import type { Sign } from "./Sign.ts";
import type { Story } from "./Story.ts";

/**
 * One-sided loss (weight 0.5): a loser of the kept gain, or of what the actors turned into it, got nothing at all for it, nor
 * did the contracts it works with.
 *
 * Contracts that call each other in this transaction, tokens and actors apart, or pull money to each other, are taken as
 * one house: a lending pool is paid at one address and pays out of another. What one of a house gives another of its own loss, as a
 * pool does with its fee, pays neither. A withdrawal and a claim look the same, so that the sign only adds. Evasion: paying a trifle of
 * any other asset into the house.
 */
export function findOneSidedLoss(story: Story, gain: KeptGain): Sign | undefined {
  const houseOf = housesOf(story);
  const paid = new Set<Address>();
  for (const { asset, from, to } of story.moves) {
    if (!isOutsider(story, to) || isDust(asset, netIn(story, to, asset))) continue;
    if (houseOf(from) !== houseOf(to) || netIn(story, from, asset) >= 0n) paid.add(houseOf(to));
  }
  // One that brings what lay idle where it was paid gives of its own, and is paid all the same.
  for (const house of gainingHouses(story, houseOf)) paid.add(house);
  const victims = sourcesOf(story, gain).filter((l) => !paid.has(houseOf(l)));
  return victims.length === 0 ? undefined : { name: "one-sided-loss", weight: 0.5, victims, count: victims.length };
}

/** Houses that as a whole end with more of something. */
function gainingHouses(story: Story, houseOf: (a: Address) => Address): Address[] {
  const sums = new Map<Address, Map<Asset, bigint>>();
  for (const [a, own] of story.net) {
    if (!isOutsider(story, a)) continue;
    const house = houseOf(a);
    const sum = sums.get(house) ?? new Map<Asset, bigint>();
    for (const [asset, n] of own) sum.set(asset, (sum.get(asset) ?? 0n) + n);
    sums.set(house, sum);
  }
  return [...sums].flatMap(([house, sum]) => ([...sum].some(([asset, n]) => !isDust(asset, n)) ? [house] : []));
}

function netIn({ net }: Story, a: Address, asset: Asset): bigint {
  return net.get(a)?.get(asset) ?? 0n;
}

function isOutsider({ actors, purses }: Story, a: Address): boolean {
  return a !== zeroAddress && !actors.has(a) && !purses.has(a);
}

function housesOf(story: Story): (a: Address) => Address {
  const parents = new Map<Address, Address>();
  const houseOf = (a: Address): Address => {
    let at = a;
    for (let up = parents.get(at); up !== undefined; up = parents.get(at)) {
      const above = parents.get(up);
      if (above !== undefined) parents.set(at, above);
      at = up;
    }
    return at;
  };
  const tokens = new Set(story.moves.map((m) => m.asset.split(":")[0]));
  for (const v of story.acts) {
    const caller = v.parent?.context;
    if (caller === undefined || caller === v.context || v.frame.input === "0x") continue;
    if (!isOutsider(story, caller)) continue;
    const other = tokens.has(v.context) ? pulledTo(v) : v.context;
    if (other === undefined || !isOutsider(story, other)) continue;
    const [a, b] = [houseOf(caller), houseOf(other)];
    if (a !== b) parents.set(a, b);
  }
  return houseOf;
}

/** To whom a `transferFrom` brings the money. */
function pulledTo({ frame, selector: name }: Visit): Address | undefined {
  return name === selector.transferFrom && frame.input.length >= 202 ? `0x${frame.input.slice(98, 138)}` : undefined;
}
