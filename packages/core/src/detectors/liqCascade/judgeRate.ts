import type { HawkesFit } from "../../math/hawkes.ts";
import { toPlainNumber } from "../../math/ratio.ts";
import { wadNumber } from "../../math/wadNumber.ts";
import type { Liquidation } from "../../model/ProtocolEvent.ts";
import { type CascadeCase, tell } from "./LiqCascadeParams.ts";

const minute = 60;

/** Tells where more than the limit of the open notional was liquidated within a minute. */
export function judgeRate(
  at: CascadeCase,
  liquidations: readonly Liquidation[],
  excitement: HawkesFit | undefined,
): void {
  if (liquidations.length === 0) return;
  const { context, adapter, market, openNotional } = at;
  const { params, memory } = context;
  const key = `${adapter.name}:${market}`;
  const amount = liquidations.reduce((sum, { notional }) => sum + notional, 0n);
  const inMinute = wadNumber(memory.window(`${key}:liquidated`, minute, amount, 30));
  const count = Number(memory.window(`${key}:liquidations`, minute, BigInt(liquidations.length), 30));
  // What is liquidated is no longer open: the share is of what was.
  const whole = openNotional + inMinute;
  const share = whole > 0 ? inMinute / whole : 0;
  if (count < params.minLiquidations || share <= params.maxSharePerMinute) return;
  tell(at, "rate", {
    severity: excitement === undefined ? "medium" : "high",
    reason: `${(share * 100).toFixed(1)} % of "${market}" was liquidated within a minute.`,
    score: Math.min(1, share / (20 * params.maxSharePerMinute)),
    evidence: {
      liquidated: toPlainNumber(inMinute),
      open: toPlainNumber(openNotional),
      share: toPlainNumber(share),
      count,
      limit: params.maxSharePerMinute,
    },
  });
}
