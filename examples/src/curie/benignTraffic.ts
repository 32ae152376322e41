import type { LocalAccount } from "viem";
import type { Cast } from "./Cast.ts";
import * as calls from "./curieCalls.ts";
import type { CurieSystem } from "./deployCurie.ts";
import type { LabelledCall } from "./LabelledCall.ts";
import { createRandom, type Random } from "./Random.ts";
import type { SlotView } from "./SlotView.ts";
import { sqrtPriceX96FromWad } from "./SqrtPrice.ts";
import { type SeededMarket, wideRange } from "./seedMarket.ts";

type Scene = { slot: number; view: SlotView; system: CurieSystem; cast: Cast; groups: SeededMarket; random: Random };

/**
 * In the first slots nobody touches the market. Curie notes the pool's price at most every 15 s, on the first trade
 * after that; with the first trade in slot 3 it does so in slots 3 and 11 on every run, however long set-up took.
 */
export const firstMarketSlot = 3;
/** The honest index still moves before this slot. */
export const lastHonestSlot = 7;

const wide = 8n; // per cent of spread between pool and index beyond which Curie refuses to widen it

/**
 * The honest transactions of `slot`, a function of seed, slot and what the chain shows: small trades both ways, margin in
 * and out, liquidity in and out, keepers' liquidations, an arbitrageur, and honest moves of the index. Nobody sends what
 * Curie would refuse; only a pause from outside makes one of them fail.
 */
export function planTraffic(
  slot: number,
  seed: number,
  view: SlotView,
  system: CurieSystem,
  cast: Cast,
  groups: SeededMarket,
): LabelledCall[] {
  const scene = { slot, view, system, cast, groups, random: createRandom(seed * 1_000 + slot) };
  const margin = [addMargin(scene), ...takeMargin(scene)];
  if (slot < firstMarketSlot) return [...margin, addMargin(scene), addMargin(scene)];
  return [
    ...moveIndex(scene),
    ...arbitrage(scene),
    ...openSmall(scene),
    ...closeSmall(scene),
    ...margin,
    ...makeMarket(scene),
    ...keep(scene),
  ];
}

function addMargin({ system, groups, random }: Scene): LabelledCall {
  const trader = random.pick([...groups.holders, ...groups.flat]);
  return label("deposit", calls.deposit(system, trader, calls.usdc(random.between(100, 800))));
}

function takeMargin({ system, view, groups, random }: Scene): LabelledCall[] {
  const idle = groups.flat.filter((trader) => view.sizes.get(trader.address) === 0n);
  if (idle.length === 0) return [];
  const trader = random.pick(idle);
  return [label("withdraw", calls.withdraw(system, trader, calls.usdc(random.between(50, 300))))];
}

function moveIndex({ slot, system, cast, random }: Scene): LabelledCall[] {
  if (slot > lastHonestSlot) return [];
  const priceWad = calls.wad(100) + BigInt(random.between(0, 120)) * 10n ** 16n;
  return [label("spot trade", calls.moveSpot(system, cast.spotTrader, priceWad))];
}

// Sells a pool that stands far above the index, as far down as 3 % above it.
function arbitrage({ view, system, cast }: Scene): LabelledCall[] {
  if (spreadPercent(view.poolWad, view.indexWad) <= wide) return [];
  const limit = sqrtPriceX96FromWad((view.indexWad * 103n) / 100n);
  return [label("arbitrage", calls.openShort(system, cast.arbitrageur, calls.wad(400_000), limit))];
}

function openSmall({ slot, view, system, groups, random }: Scene): LabelledCall[] {
  const idle = groups.flat.filter((trader) => view.sizes.get(trader.address) === 0n);
  const [size, side] = [calls.wad(random.between(400, 1_200)), random.between(0, 1)];
  if (idle.length <= 2) return []; // someone must stay without a position, to withdraw
  const trader = idle[slot % idle.length]!;
  const isLong = spreadPercent(view.poolWad, view.indexWad) > wide ? false : side === 0;
  const call = isLong ? calls.openLong(system, trader, size) : calls.openShort(system, trader, size);
  return [label(isLong ? "open long" : "open short", call)];
}

function closeSmall({ view, system, groups, random }: Scene): LabelledCall[] {
  const size = (trader: LocalAccount) => view.sizes.get(trader.address)!;
  const mayBuy = spreadPercent(view.poolWad, view.indexWad) <= wide;
  // The first two holders are kept for the probe and for the contrast.
  const open = [...groups.holders.slice(2), ...groups.flat].filter(
    (trader) => size(trader) > 0n || (mayBuy && size(trader) < 0n),
  );
  return open.length === 0 ? [] : [label("close", calls.closePosition(system, random.pick(open)))];
}

function makeMarket({ slot, view, system, cast }: Scene): LabelledCall[] {
  const [adder, remover] = cast.smallMakers as [LocalAccount, LocalAccount];
  if (slot % 2 === 0 && spreadPercent(view.poolWad, view.laggedIndexWad) <= wide)
    return [label("add liquidity", calls.addLiquidity(system, adder, wideRange, calls.wad(2), calls.wad(200)))];
  const part = view.smallMakerLiquidity[1]! / 20n;
  return part === 0n ? [] : [label("remove liquidity", calls.removeLiquidity(system, remover, wideRange, part))];
}

function keep({ view, system, cast, groups }: Scene): LabelledCall[] {
  // The rest of either group is kept for the probe of liquidation while paused.
  const watched = [...groups.underwaterLongs.slice(0, 2), ...groups.riskyShorts.slice(0, 2)];
  const due = watched.find((t) => view.liquidatable.has(t.address) && view.sizes.get(t.address) !== 0n);
  return due ? [label("liquidate", calls.liquidate(system, cast.keeper, due.address))] : [];
}

function spreadPercent(poolWad: bigint, indexWad: bigint): bigint {
  return ((poolWad - indexWad) * 100n) / indexWad;
}

const label = (text: string, call: LabelledCall["call"]): LabelledCall => ({ role: "benign", label: text, call });
