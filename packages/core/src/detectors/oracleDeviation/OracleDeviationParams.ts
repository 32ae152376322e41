import { z } from "zod";
import type { DetectContext } from "../../model/Detector.ts";
import type { Severity } from "../../model/Finding.ts";
import type { Address, Hex } from "../../model/Hex.ts";
import { type Reading, readingSchema } from "../../model/Reading.ts";

/** A price feed and what it is held against. */
export interface WatchedFeed {
  readonly name: string;
  /** The protected address that relies on it. */
  readonly subject: string;
  readonly feed: Reading;
  readonly references: readonly Reading[];
  /** Length of the feed's own time-weighted mean as a further reference; 0 = none. */
  readonly twapSeconds: number;
  /** d above which it is told: 0.02 for majors, 0.05 for thin assets. */
  readonly maxDeviation: number;
}

export interface OracleDeviationParams {
  readonly feeds: readonly WatchedFeed[];
  /** A jump counts from this many standard deviations. */
  readonly jumpSigmas: number;
  /** Changes of the feed before jumps are judged. */
  readonly minSamples: number;
  /** Least standard deviation per square root of a second, so that a calm feed does not page on its first step. */
  readonly minSigma: number;
}

const feed = z
  .object({
    name: z.string().min(1),
    subject: z.string().regex(/^0x[0-9a-f]{40}$/),
    feed: readingSchema,
    references: z.array(readingSchema).default([]),
    twapSeconds: z.number().int().min(0).default(1_800),
    maxDeviation: z.number().positive().default(0.02),
  })
  .strict();

export const oracleDeviationParams = z
  .object({
    feeds: z.array(feed),
    jumpSigmas: z.number().positive(),
    minSamples: z.number().int().min(2),
    minSigma: z.number().positive(),
  })
  .strict();

export type OracleDeviationContext = DetectContext<OracleDeviationParams>;

type Evidence = Parameters<OracleDeviationContext["finding"]>[0]["evidence"];

/** A finding about `watched`; `kind` tells one sort from another. */
export function tell(
  context: OracleDeviationContext,
  watched: WatchedFeed,
  kind: string,
  severity: Severity,
  score: number,
  text: { reason: string; evidence: Evidence; txHash?: Hex },
): void {
  context.finding({
    severity,
    subject: watched.subject as Address,
    reason: text.reason,
    ...(text.txHash === undefined ? {} : { txHash: text.txHash }),
    addresses: [watched.feed.to as Address],
    key: [watched.name, kind],
    score,
    evidence: { kind, feed: watched.name, ...text.evidence },
  });
}
