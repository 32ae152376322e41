import type { MarketBook } from "../../model/AccountBook.ts";
import type { DetectContext } from "../../model/Detector.ts";
import type { FindingDraft } from "../../model/Finding.ts";
import type { MarketState, ProtocolAdapter } from "../../model/ProtocolAdapter.ts";

export interface LiqCascadeParams {
  /** n beyond which liquidations feed each other. */
  readonly maxBranching: number;
  readonly minEvents: number;
  readonly maxEvents: number;
  /** What the fit must gain over a Poisson process, twice the log. */
  readonly minLikelihoodRatio: number;
  /** Shortest memory of the kernel that is tried: no shorter than a block, or all of one block excite each other. */
  readonly shortestSeconds: number;
  readonly maxSharePerMinute: number;
  /** Accounts liquidated in the minute before its rate is judged: one large account is not a cascade. */
  readonly minLiquidations: number;
  readonly movePercent: number;
  /** A shortfall below this share of the open notional is dust. */
  readonly minShortfallShare: number;
  readonly maxAccounts: number;
}

export interface CascadeCase {
  readonly context: DetectContext<LiqCascadeParams>;
  readonly adapter: ProtocolAdapter;
  readonly market: string;
  readonly book: MarketBook<MarketState>;
  readonly openNotional: number;
}

export function tell(
  { context, adapter, market }: CascadeCase,
  kind: string,
  draft: Pick<FindingDraft, "severity" | "reason" | "score" | "evidence" | "class">,
): void {
  const evidence = { kind, market, ...draft.evidence };
  context.finding({ ...draft, evidence, subject: adapter.subject, key: [adapter.name, market, kind] });
}
