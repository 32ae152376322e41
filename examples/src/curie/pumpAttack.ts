import type { Cast } from "./Cast.ts";
import { type ChainSession, execute, skipTime } from "./ChainSession.ts";
import * as calls from "./curieCalls.ts";
import type { CurieSystem } from "./deployCurie.ts";
import type { LabelledCall } from "./LabelledCall.ts";
import type { SlotView } from "./SlotView.ts";
import { sqrtPriceX96FromWad } from "./SqrtPrice.ts";

/**
 * A thin-liquidity pump with two accounts, on Curie's default parameters.
 *
 * - B buys early, at the honest price, from the tight makers, with ten times leverage.
 * - A places a range order far above the market: the counterparty that B will sell to. While A is its own buyer and
 *   seller there its position is flat, so Curie's lagging mark price does not see the leverage.
 * - A pumps the thin pool by 10 %, the most that Curie allows in 15 s, and B pays for the spot market to follow, so that
 *   pool and index agree. After the 15 s they do it again; A buys its own range order empty.
 * - B closes into A's range: B's profit is A's loss, half as much again as A's margin. Maker positions change
 *   without a margin check.
 * - One block later B withdraws. When the price returns, the fund and the others pay A's debt.
 */
export const attackSlots = Object.freeze({ deposit: 5, order: 7, pump: [8, 11], close: 12, withdraw: 13, giveUp: 14 });

const early = { chunkWad: calls.wad(4_750), chunks: 5, marginUsdc: calls.usdc(275_000) };
const sacrifice = { marginUsdc: calls.usdc(320_000), baseWad: calls.wad(24_000), quoteWad: calls.wad(6_000_000) };
const range: calls.Range = { lowerTick: 47_700, upperTick: 48_000 }; // 117.9 to 121.5 USD
// Each stays a good per cent below what Curie's tick limit would allow, for the trades of others in between.
const firstTopWad = 1_108n * 10n ** 17n;
const lastTopWad = 1_218n * 10n ** 17n;
const firstIndexWad = calls.wad(110);
const lastIndexWad = calls.wad(120);

/** B's early position, opened while the market is quiet; the time after it lets every mean price forget it. */
export async function openEarlyLong(session: ChainSession, system: CurieSystem, cast: Cast): Promise<void> {
  const b = cast.attackerB;
  const buys = Array.from({ length: early.chunks }, () => calls.openLongBase(system, b, early.chunkWad));
  await execute(session, [calls.deposit(system, b, early.marginUsdc), ...buys], "account B's early long");
  await skipTime(session, 2_000);
}

/** The attackers' transactions in `slot`. They look at the chain first, repeat what failed, and save what they can. */
export function planAttack(slot: number, view: SlotView, system: CurieSystem, cast: Cast): LabelledCall[] {
  const { attackerA: a } = cast;
  if (slot === attackSlots.deposit) return [label("A deposits", calls.deposit(system, a, sacrifice.marginUsdc))];
  if (slot === attackSlots.order) {
    const { baseWad, quoteWad } = sacrifice;
    return [label("A places its range order", calls.addLiquidity(system, a, range, baseWad, quoteWad))];
  }
  const [first, last] = attackSlots.pump as [number, number];
  if (slot < first) return [];
  if (slot < last) return pump(slot === first, view, firstTopWad, firstIndexWad, system, cast);
  const isTradeOpen = view.sizes.get(cast.attackerB.address)! > 0n;
  if (!isTradeOpen) return takeOut(slot, view, system, cast);
  if (isBelow(view.poolWad, lastTopWad, 990n) && slot < attackSlots.giveUp)
    return pump(slot === last, view, lastTopWad, lastIndexWad, system, cast);
  const close = label("B closes its long", calls.closePosition(system, cast.attackerB));
  // Without the second pump there is nobody to sell to, and Curie refuses to sell far below the index.
  return slot < attackSlots.giveUp ? [close] : [...sellSpot(view, system, cast), close];
}

function pump(
  movesIndex: boolean,
  view: SlotView,
  topWad: bigint,
  indexWad: bigint,
  system: CurieSystem,
  { attackerA: a, attackerB: b }: Cast,
): LabelledCall[] {
  const follow = movesIndex ? [label("B pumps the spot market", calls.moveSpot(system, b, indexWad))] : [];
  if (!isBelow(view.poolWad, topWad, 998n)) return follow;
  const long = calls.openLong(system, a, calls.wad(5_000_000), sqrtPriceX96FromWad(topWad));
  return [...follow, label("A pumps the pool", long)];
}

function takeOut(slot: number, view: SlotView, system: CurieSystem, cast: Cast): LabelledCall[] {
  const b = cast.attackerB;
  const free = view.attackerFreeUsdc;
  const dump = sellSpot(view, system, cast);
  if (free === 0n) return dump;
  const attempts = [now("B withdraws all", calls.withdrawAll(system, b))];
  // A refused withdrawal is tried the other way too, and the spot assets are saved before others sell.
  if (slot <= attackSlots.withdraw) return attempts;
  return [...attempts, now("B withdraws half", calls.withdraw(system, b, free / 2n)), ...dump];
}

function sellSpot(view: SlotView, system: CurieSystem, { attackerB: b }: Cast): LabelledCall[] {
  return view.attackerSpotAssetsWad > 0n ? [label("B sells its spot assets", calls.dumpSpot(system, b))] : [];
}

// The trades of others move the pool by some tenths of a per cent.
function isBelow(priceWad: bigint, topWad: bigint, perMille: bigint): boolean {
  return priceWad < (topWad * perMille) / 1_000n;
}

// Prices move after the others' trades of a block, which were sent at the prices before; withdrawals hurry.
const label = (text: string, call: LabelledCall["call"]): LabelledCall => ({
  role: "attack",
  label: text,
  call,
  isLast: true,
});
const now = (text: string, call: LabelledCall["call"]): LabelledCall => ({ role: "attack", label: text, call });
