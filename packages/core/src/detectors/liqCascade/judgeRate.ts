import type { HawkesFit } from "../../math/hawkes.ts";
import { toPlainNumber } from "../../math/ratio.ts";
import { wadNumber } from "../../math/wadNumber.ts";
import type { Address } from "../../model/Hex.ts";
import type { Liquidation } from "../../model/ProtocolEvent.ts";
import { ringOf } from "../../model/Ring.ts";
import { type CascadeCase, tell } from "./LiqCascadeParams.ts";

const minute = 60n;

type Past = readonly [at: bigint, account: Address, notional: bigint];

/** Tells where more than the limit of the open notional was liquidated within a minute. */
export function judgeRate(
  at: CascadeCase,
  liquidations: readonly Liquidation[],
  excitement: HawkesFit | undefined,
): void {
  if (liquidations.length === 0) return;
  const { context, adapter, market, openNotional } = at;
  const { params, memory, block } = context;
  const key = `${adapter.name}:${market}:lastMinute`;
  const now = block.ref.timestamp;
  const past = ringOf<Past>(memory, key).filter(([at]) => now - BigInt(at) < minute);
  const recent = [...past, ...liquidations.map(({ account, notional }): Past => [now, account, notional])].slice(-512);
  memory.set(key, recent);
  const inMinute = recent.reduce((sum, [, , notional]) => sum + wadNumber(BigInt(notional)), 0);
  // A large account that is taken over piece by piece is one.
  const count = new Set(recent.map(([, account]) => account)).size;
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
      accounts: count,
      limit: params.maxSharePerMinute,
    },
  });
}
