import { z } from "zod";
import { wadNumber } from "../math/wadNumber.ts";
import { eventsOf, type MarketBook, readBook } from "../model/AccountBook.ts";
import type { DetectContext, Detector } from "../model/Detector.ts";
import type { MarketState, ProtocolAdapter } from "../model/ProtocolAdapter.ts";
import type { Liquidation } from "../model/ProtocolEvent.ts";
import { judgeCoverage } from "./liqCascade/judgeCoverage.ts";
import { judgeExcitement } from "./liqCascade/judgeExcitement.ts";
import { judgeRate } from "./liqCascade/judgeRate.ts";
import type { CascadeCase, LiqCascadeParams } from "./liqCascade/LiqCascadeParams.ts";

/**
 * Liquidation cascade: liquidations that cause each other, that come too fast, or that a fund could not pay for.
 *
 *   Hawkes λ(t) = μ + Σ α e^(−β(t − t_i)) by maximum likelihood: n = α/β > 0.8, and 2·Δ log-likelihood > 13.8     medium
 *   liquidated notional of the last minute / open notional > 1 %                                    medium, high with n
 *   shortfall(x) = Σ max(0, −(collateral + exposure · x)) over accounts; fund / shortfall < 1 at ±5 %        high
 *   shortfall(0) > fund: bad debt that stands now and that the fund does not cover                    critical, damage
 *
 * n is told only where the process is not a Poisson one (13.8 is the 0.1 % point of chi-squared with 2 degrees): twenty
 * events at an even pace are keepers at work. Liquidatable notional at −x % and +x % stands in the evidence.
 *
 * Source: Hawkes 1971, Ozaki 1979; n 0.8, 1 % a minute, x 5 % by design judgement. Calibration: the fit runs anew at every
 * liquidation; the rate becomes the budget's quantile of the market's own minutes.
 * Evasion: liquidating oneself slowly; a shortfall spread over more accounts than are read.
 */
export function detectLiqCascade(adapter: ProtocolAdapter): Detector<LiqCascadeParams> {
  return {
    meta: {
      id: "liq-cascade",
      version: "1.0.0",
      class: "anomaly",
      needs: { all: ["L", "S"], degraded: ["H"] },
      finality: "finalized",
      runbook: "docs/requirements/derivatives.md#liq-cascade",
      owner: "risk",
    },
    frameLogs: [],
    params: z
      .object({
        maxBranching: z.number().positive(),
        minEvents: z.number().int().min(5),
        maxEvents: z.number().int().min(10).max(512),
        minLikelihoodRatio: z.number().positive(),
        shortestSeconds: z.number().positive(),
        maxSharePerMinute: z.number().positive(),
        minLiquidations: z.number().int().min(1),
        movePercent: z.number().positive().max(90),
        minShortfallShare: z.number().min(0),
        maxAccounts: z.number().int().min(1).max(4_096),
      })
      .strict(),
    defaults: {
      maxBranching: 0.8,
      minEvents: 20,
      maxEvents: 128,
      minLikelihoodRatio: 13.8,
      shortestSeconds: 2,
      maxSharePerMinute: 0.01,
      minLiquidations: 3,
      movePercent: 5,
      minShortfallShare: 0.001,
      maxAccounts: 128,
    },
    detect(context) {
      if (!context.block.has.includes("S")) return;
      const events = eventsOf(context, adapter);
      for (const market of adapter.markets) {
        const book = readBook(context, adapter, market, events, context.params.maxAccounts);
        if (book === undefined) continue;
        const own = events.filter((e): e is Liquidation => e.kind === "liquidation" && e.market === market);
        judge(context, adapter, market, book, own);
      }
    },
  };
}

function judge(
  context: DetectContext<LiqCascadeParams>,
  adapter: ProtocolAdapter,
  market: string,
  book: MarketBook<MarketState>,
  liquidations: readonly Liquidation[],
): void {
  const at: CascadeCase = { context, adapter, market, book, openNotional: openNotional(book) };
  const excitement = judgeExcitement(at, liquidations);
  judgeRate(at, liquidations, excitement);
  judgeCoverage(at);
}

/** The larger side at the protocol's price; of loans, what is lent. WAD as a float. */
function openNotional({ market, accounts }: MarketBook<MarketState>): number {
  const states = [...accounts.values()];
  const lent = states.reduce((sum, { debt }) => sum + wadNumber(debt), 0);
  if (lent > 0) return lent;
  const side = (sign: 1 | -1) => states.reduce((sum, { size }) => sum + Math.max(0, sign * wadNumber(size)), 0);
  const [long, short] = [market.long, market.short].map((x, i) =>
    x === undefined ? side(i === 0 ? 1 : -1) : wadNumber(x),
  ) as [number, number];
  return Math.max(long, short) * wadNumber(market.price);
}
