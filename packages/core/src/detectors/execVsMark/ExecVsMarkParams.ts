import type { DetectContext } from "../../model/Detector.ts";
import type { MarketState, ProtocolAdapter, TradingTerms } from "../../model/ProtocolAdapter.ts";
import type { ProtocolEvent } from "../../model/ProtocolEvent.ts";
import type { TxView } from "../../model/TxView.ts";

export interface ExecVsMarkParams {
  readonly slackBps: number;
  /** Least advantage that is high: below it a gap may be one that somebody's large order left. */
  readonly highBps: number;
  /** Blocks seen before the usual spread is known and fills are judged. */
  readonly minSamples: number;
  readonly maxSamples: number;
}

/** A market after the block and, where it was traded in, before. */
export interface MarketPair {
  readonly after: MarketState;
  readonly before: MarketState | undefined;
}

export interface Decoded {
  readonly view: TxView;
  readonly events: readonly ProtocolEvent[];
}

export interface FillCase {
  readonly context: DetectContext<ExecVsMarkParams>;
  readonly adapter: ProtocolAdapter & { readonly terms: TradingTerms };
  readonly market: string;
  readonly pair: MarketPair;
  /** As a share; undefined until it is known. */
  readonly spread: number | undefined;
}
