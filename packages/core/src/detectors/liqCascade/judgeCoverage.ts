import { toPlainNumber } from "../../math/ratio.ts";
import { wadNumber } from "../../math/wadNumber.ts";
import type { AccountState } from "../../model/ProtocolAdapter.ts";
import { type CascadeCase, tell } from "./LiqCascadeParams.ts";

/** What accounts come to if the price moves by `share`. Money of the quote as floats. */
interface Stress {
  readonly move: number;
  /** Collateral of accounts that would be below what is required. */
  readonly liquidatable: number;
  /** What accounts would owe beyond all that they have. */
  readonly shortfall: number;
}

/** Tells where the fund would not pay for what a move of the price leaves, or already does not pay for what is owed. */
export function judgeCoverage(at: CascadeCase): void {
  const { context, book, openNotional, market } = at;
  const { params } = context;
  if (book.market.fund === undefined || openNotional <= 0) return;
  const fund = wadNumber(book.market.fund);
  const share = params.movePercent / 100;
  const states = [...book.accounts.values()];
  const [now, down, up] = [0, -share, share].map((move) => stress(states, move)) as [Stress, Stress, Stress];
  const worst = down.shortfall > up.shortfall ? down : up;
  const dust = params.minShortfallShare * openNotional;
  const evidence = {
    fund: toPlainNumber(fund),
    open: toPlainNumber(openNotional),
    accounts: states.length,
    stresses: [now, down, up].map(({ move, liquidatable, shortfall }) => ({
      move,
      liquidatable: toPlainNumber(liquidatable),
      shortfall: toPlainNumber(shortfall),
    })),
  };
  if (now.shortfall > dust && now.shortfall > fund)
    tell(at, "shortfall", {
      severity: "critical",
      class: "damage",
      reason: `Accounts of "${market}" owe ${now.shortfall.toFixed(2)} beyond what they have; the fund holds ${fund.toFixed(2)}.`,
      score: 1,
      evidence,
    });
  else if (worst.shortfall > dust && worst.shortfall > fund)
    tell(at, "coverage", {
      severity: "high",
      reason: `A move of ${(worst.move * 100).toFixed(0)} % in "${market}" would leave ${worst.shortfall.toFixed(2)} unpaid; the fund holds ${fund.toFixed(2)}.`,
      score: Math.min(1, worst.shortfall / openNotional),
      evidence,
    });
}

function stress(states: readonly AccountState[], move: number): Stress {
  let [liquidatable, shortfall] = [0, 0];
  for (const { collateral, required, exposure, requiredExposure, debt } of states) {
    // A loan's collateral is compared with its debt; a position's own gain and loss are in its collateral already.
    const left = wadNumber(collateral) + wadNumber(exposure) * move - wadNumber(debt);
    const needed = wadNumber(required) + wadNumber(requiredExposure) * move - wadNumber(debt);
    if (left < needed) liquidatable += Math.max(0, left);
    if (left < 0) shortfall -= left;
  }
  return { move, liquidatable, shortfall };
}
