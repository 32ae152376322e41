import { type Asset, zeroAddress } from "../../model/Asset.ts";
import type { Visit } from "../../model/CallTree.ts";
import type { Address, Hex } from "../../model/Hex.ts";
import { selector } from "../../model/KnownSignature.ts";
import { oncePer } from "../../model/oncePer.ts";
import { trades } from "./marketsOf.ts";
import type { Sign } from "./Sign.ts";
import { assetOf, gainersOf, type Story } from "./Story.ts";
import { type Checks, checksIn, isSignedFor } from "./signatures.ts";

/**
 * Third-party drain (weight 3): an outsider spends the allowance that somebody else gave it, the actors end up with the
 * token, or trade at a market for what it was brought by the spender alone, and the owner, who runs no code here, ends with
 * more of nothing.
 *
 * An order that is filled pays its maker, a marketplace its seller, a collector spends allowances itself. What is left is
 * a router, bridge or bot that can be told to call `transferFrom` on its users; collectibles count from eight on, where the
 * actors pay nothing at all. Keys on the spender being no actor, and on
 * no signature of the owner being checked on the way here, by the token or by contracts that lead to the spender: one that the
 * actors, or anybody aside, had checked is old, and everybody's.
 * Source: SushiSwap RouteProcessor2, Dexible, Socket, Floor Protocol, Crosswise. Evasion: sending dust to the owner; a receiver that runs
 * code; a spender that can be made to check an old signature first.
 */
export function findThirdParty(story: Story): Sign | undefined {
  const victims: Address[] = [];
  const ofCollectibles: Address[] = [];
  const checks = checksIn(story);
  const gainers = gainersOf(story);
  for (const visit of story.acts) {
    const owner = ownerOf(visit, story, checks, gainers);
    if (owner !== undefined)
      (visit.selector === selector.transferFrom ? victims : ofCollectibles).push(owner.owner, owner.spender);
  }
  if (ofCollectibles.length >= 2 * leastCollectibles && !hasPaid(story)) victims.push(...ofCollectibles);
  if (victims.length === 0) return undefined;
  return { name: "third-party", weight: 3, victims: [...new Set(victims)], count: victims.length / 2 };
}

function ownerOf(
  visit: Visit,
  story: Story,
  checks: Checks,
  gainers: ReadonlySet<Address>,
): { owner: Address; spender: Address } | undefined {
  const { frame } = visit;
  if (frame.type !== "CALL" || frame.input.length < 202 || !spendings.has(visit.selector)) return;
  if (/^0x0+$/.test(frame.output)) return;
  const owner: Address = `0x${frame.input.slice(34, 74)}`;
  const to: Address = `0x${frame.input.slice(98, 138)}`;
  const amount = BigInt(`0x${frame.input.slice(138, 202)}`);
  const spender = frame.from;
  if (
    (amount === 0n && visit.selector === selector.transferFrom) ||
    owner === zeroAddress ||
    owner === spender ||
    to === owner
  )
    return;
  // Whoever is called by the sender itself may be his own collector; see relayed spending.
  if (story.actors.has(spender) || spender === story.visits[0]!.context) return;
  if (story.actors.has(owner)) return;
  const isTaken = story.actors.has(to) || story.purses.has(to);
  if (!isTaken && !fedBy(story).has(`${assetOf(story, visit.context)} ${to}`)) return;
  if (isPassedOn(visit)) return;
  if (gainers.has(owner) || story.active.has(owner) || isSignedFor(visit, owner, checks)) return;
  return { owner, spender };
}

/** Which asset came, and from whom alone, to a market at which the actors trade, give nothing and have another one of. */
const fedBy = oncePer((story: Story): ReadonlySet<string> => {
  const { moves, actors, purses, direct } = story;
  const isOurs = (a: Address) => actors.has(a) || purses.has(a);
  const given = new Map<Address, Set<Asset>>();
  const feeders = new Map<Address, Set<Address>>();
  for (const { asset, from, to } of moves) {
    if (isOurs(to)) given.set(from, (given.get(from) ?? new Set()).add(asset));
    feeders.set(to, (feeders.get(to) ?? new Set()).add(from));
  }
  const markets = new Set(direct.flatMap((v) => (trades.has(v.selector) ? [v.context] : [])));
  const isForOther = (market: Address, asset: Asset) => [...(given.get(market) ?? [])].some((other) => other !== asset);
  const fed = new Set<string>();
  for (const { asset, from, to } of moves) {
    const isAlone = feeders.get(to)?.size === 1 && !isOurs(from);
    if (markets.has(to) && isAlone && isForOther(to, asset)) fed.add(`${asset} ${from}`);
  }
  return fed;
});

// Fewer collectibles may be a gift, a prize or a private sale, of which a bare tree does not show the price.
const leastCollectibles = 8;

/** Whether the actors gave anybody anything. */
function hasPaid({ visits, moves, actors }: Story): boolean {
  return visits[0]!.frame.value > 0n || moves.some(({ from, to }) => actors.has(from) && !actors.has(to));
}

const spendings: ReadonlySet<Hex> = new Set([
  selector.transferFrom,
  selector.safeTransferFrom,
  selector.safeTransferFromWithData,
  selector.safeTransferFrom1155,
]);

/** A token in two parts hands the call on to itself; who spends is then whoever called the first part. */
function isPassedOn({ frame, parent }: Visit): boolean {
  return parent !== undefined && parent.frame.input.slice(0, 138) === frame.input.slice(0, 138);
}
