import { type Asset, native } from "../../model/Asset.ts";
import type { Visit } from "../../model/CallTree.ts";
import type { Address } from "../../model/Hex.ts";
import { wordAt } from "../../model/Hex.ts";
import { selector } from "../../model/KnownSignature.ts";
import { readTransferCall, type Transfer } from "../../model/Transfer.ts";
import { isDust } from "./dust.ts";
import { type KeptGain, sourcesOf } from "./findKeptGain.ts";
import type { Sign } from "./Sign.ts";
import { assetOf, type Story } from "./Story.ts";

// Who collects from many that answer him is their operator.
const mostRescued = 3;
const leftOver = 1_000n;

/**
 * Emptied (weight 1.5): the actors' contract looked at what an outsider holds of a token, and then the outsider ends with
 * at least nine tenths of that less, to the gain of the actors, who may have sold it on. Weight 1 where nobody but the
 * outsider itself looked, and it got nothing for what it gave (`unpaid`): it was told to hand over whatever it had. What had
 * come in before it looked is not its own, and what is left over, to a thousandth, is nothing.
 *
 * Whoever withdraws his own looks at his own; an owner who takes all that his contract earned looks the same as a stranger
 * who may, so that the second form is not critical alone. The balance that was answered in the tree stands for the state
 * that is not known. Source: the `balanceOf` pairs of the asset flow; rescue functions without an owner. Evasion: a fixed
 * amount; looking beforehand.
 */
export function findEmptied(story: Story, gain: KeptGain, unpaid: readonly Address[]): Sign | undefined {
  const byActors = emptiedBy(story, sourcesOf(story, gain), story.actors);
  if (byActors.length > 0) return { name: "emptied", weight: 1.5, victims: byActors, count: byActors.length };
  const byItself = emptiedBy(story, unpaid, undefined);
  return byItself.length === 0 || byItself.length > mostRescued
    ? undefined
    : { name: "emptied", weight: 1, victims: byItself, count: byItself.length };
}

/** Who of `losers` was emptied after one of `lookers`, or where there are none he himself, saw his balance. */
function emptiedBy(story: Story, losers: readonly Address[], lookers: ReadonlySet<Address> | undefined): Address[] {
  const among = new Set(losers);
  const held = new Map<string, bigint>();
  // What each holder saw, without what had come in until then: what it had at the beginning.
  const own = new Map<string, bigint>();
  const come = new Map<string, bigint>();
  const add = (a: Address, asset: Asset, n: bigint) => {
    if (among.has(a)) come.set(`${a}${asset}`, (come.get(`${a}${asset}`) ?? 0n) + n);
  };
  for (const visit of story.visits) {
    if (lookers === undefined)
      for (const { asset, from, to, amount } of movedBy(visit, story)) {
        add(from, asset, -amount);
        add(to, asset, amount);
      }
    if (visit.reverted || !(lookers ?? among).has(visit.frame.from)) continue;
    const seen = balanceSeen(visit, story);
    if (seen === undefined || !among.has(seen.holder)) continue;
    if (lookers === undefined && seen.holder !== visit.frame.from) continue;
    const key = `${seen.holder}${seen.asset}`;
    if (held.has(key)) continue;
    const before = wordAt(visit.frame.output, 0) ?? 0n;
    held.set(key, before);
    const put = come.get(key) ?? 0n;
    own.set(key, put > 0n ? before - put : before);
  }
  const isEmptied = (loser: Address, asset: Asset) => {
    const key = `${loser}${asset}`;
    const [before, had] = [held.get(key) ?? 0n, own.get(key) ?? 0n];
    const lost = -(story.net.get(loser)?.get(asset) ?? 0n);
    if (isDust(asset, had) || isDust(asset, lost)) return false;
    return lost * 10n >= had * 9n && lost * leftOver > before;
  };
  return losers.filter((loser) => [...(story.net.get(loser)?.keys() ?? [])].some((asset) => isEmptied(loser, asset)));
}

/** What `visit` itself moves. A coin that is wrapped stays what it is. */
function movedBy(visit: Visit, story: Story): Pick<Transfer, "asset" | "from" | "to" | "amount">[] {
  const { frame, reverted, context } = visit;
  const claim = readTransferCall(visit);
  if (claim !== undefined) return [{ ...claim, asset: assetOf(story, claim.asset) }];
  if (frame.value === 0n || frame.type !== "CALL" || reverted) return [];
  if (story.wrapped.has(frame.from) || story.wrapped.has(context)) return [];
  return [{ asset: native, from: frame.from, to: context, amount: frame.value }];
}

/** Whose balance of what a view was asked for: of a token, or of one in a ledger of many. Pieces of a collection are claimed one by one. */
function balanceSeen(visit: Visit, story: Story): Seen | undefined {
  const { context, selector: name } = visit;
  const { input } = visit.frame;
  const first: Address = `0x${input.slice(34, 74)}`;
  if (name === selector.balanceOf) return { holder: first, asset: assetOf(story, context) };
  if (name !== selector.ledgerBalance || input.length < 138) return undefined;
  return { holder: `0x${input.slice(98, 138)}`, asset: `${context}:${BigInt(first)}` };
}

interface Seen {
  readonly holder: Address;
  readonly asset: Asset;
}
