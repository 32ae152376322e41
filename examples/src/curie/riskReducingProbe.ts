import type { Hex, LocalAccount } from "viem";
import type { Cast } from "./Cast.ts";
import { type Call, type ChainSession, submitAndMine } from "./ChainSession.ts";
import * as calls from "./curieCalls.ts";
import type { CurieSystem } from "./deployCurie.ts";
import { readCalls } from "./readSolvency.ts";
import { decodeLiquidatable, healthCalls, readSlotView } from "./SlotView.ts";
import { type SeededMarket, wideRange } from "./seedMarket.ts";

/** One risk-reducing transaction and whether it went through. */
export type ProbeResult = { readonly name: string; readonly ok: boolean; readonly txHash: Hex };

/**
 * Sends one real transaction for each way out of risk: adding margin, closing a position, removing liquidity and
 * liquidating an account below its margin. Meant to run while withdrawals and new positions are paused. It works at the
 * pumped price (where risky shorts are ruined) and at the honest one (where the old longs are).
 */
export async function riskReducingProbe(
  session: ChainSession,
  system: CurieSystem,
  cast: Cast,
  groups: SeededMarket,
): Promise<ProbeResult[]> {
  const holder = groups.holders[0]!;
  const maker = cast.smallMakers[1]!;
  const view = await readSlotView(session, system, cast, groups);
  const liquidity = view.smallMakerLiquidity[1]! / 20n;
  const probes: [string, Call][] = [
    ["deposit", calls.deposit(system, holder, calls.usdc(100))],
    ["closePosition", calls.closePosition(system, holder)],
    ["removeLiquidity", calls.removeLiquidity(system, maker, wideRange, liquidity)],
  ];
  const victim = await findLiquidatable(session, system, groups);
  if (victim) probes.push(["liquidate", calls.liquidate(system, cast.keeper, victim.address)]);
  const receipts = await submitAndMine(
    session,
    probes.map(([, call]) => call),
  );
  return probes.map(([name], i) => ({ name, ok: receipts[i]!.status === "0x1", txHash: receipts[i]!.transactionHash }));
}

async function findLiquidatable(
  session: ChainSession,
  system: CurieSystem,
  groups: SeededMarket,
): Promise<LocalAccount | undefined> {
  // The ones that the keeper of the benign traffic leaves alone come first.
  const candidates = [...groups.underwaterLongs, ...groups.riskyShorts].reverse();
  const addresses = candidates.map((c) => c.address);
  const results = await readCalls(
    session,
    addresses.flatMap((a) => healthCalls(system, a)),
  );
  const below = decodeLiquidatable(addresses, results);
  return candidates.find((c) => below.has(c.address));
}
