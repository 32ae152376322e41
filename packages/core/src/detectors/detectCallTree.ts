import { z } from "zod";
import type { Detector } from "../model/Detector.ts";
import type { Address } from "../model/Hex.ts";
import { oncePer } from "../model/oncePer.ts";
import type { TxView } from "../model/TxView.ts";
import { storiesOf } from "./callTree/readings.ts";
import type { Sign } from "./callTree/Sign.ts";
import type { Story } from "./callTree/Story.ts";
import { type Levels, severityOf, signsOf, weightOf } from "./callTree/weigh.ts";

export type CallTreeParams = Levels;

/**
 * Call tree: what the calls of one transaction look like, judged without logs, state, history or prices.
 *
 *   weight = Σ weights of the signs (detectors/callTree/find*.ts: each with what it keys on, its source and its evasion)
 *   critical >= 3 · high >= 2.5 · medium >= 2, told of the watched address that the signs are about, or, one step lower
 *   and only where it is critical, of one that took part
 *
 * Where state is read, what was lost is known and asset-drain says so; this detector then says what would
 * be critical, as high, and is silent about who only took part.
 *
 * A sign that honest business never shows weighs 3 and is enough; a gain that the actors keep weighs 1, so that a second
 * strong sign or two weak ones must stand beside it. Where the contract that was called first only passes the call on,
 * the transaction is read a second time with the next contract as an actor, and the heavier reading counts.
 * Source: design judgement after the shapes of recorded attacks, most of before 2024; which signs were written after a later
 * one was read stands in docs/requirements/calltree.md. No list of attackers or victims. Calibration: none, a weight is no
 * rate; an alert's rarity is measured by `testudo calibrate` like any other's. Degraded without L: movements come from calldata.
 */
export const detectCallTree: Detector<CallTreeParams> = {
  meta: {
    id: "call-tree",
    version: "1.0.0",
    class: "anomaly",
    needs: { all: ["X", "T"], degraded: ["L"] },
    finality: "finalized",
    runbook: "docs/requirements/calltree.md#call-tree",
    owner: "protocol",
  },
  frameLogs: [],
  params: z
    .object({ critical: z.number().positive(), high: z.number().positive(), medium: z.number().positive() })
    .strict(),
  defaults: { critical: 3, high: 2.5, medium: 2 },
  detect(context) {
    const hasState = context.block.has.includes("S");
    for (const view of context.txs) {
      if (view.trace === undefined) continue;
      const { story, signs, weight, rank, others } = heaviestOf(view, context.watched);
      const level = severityOf(weight, context.params);
      if (level === undefined || (hasState && level !== "critical")) continue;
      const victim = victimOf(rank, context.watched);
      const isPassedBy = victim === undefined && level === "critical" && !hasState;
      const subject = victim ?? (isPassedBy ? [...context.watched].find((a) => others.has(a)) : undefined);
      const severity = level === "critical" && (isPassedBy || hasState) ? "high" : level;
      if (subject === undefined) continue;
      context.finding({
        severity,
        subject,
        reason: `The calls to ${subject} show ${signs.map((s) => s.name).join(", ")}.`,
        txHash: view.tx.hash,
        addresses: [...story.actors].slice(0, 16),
        key: [view.tx.hash],
        score: Math.min(1, weight / (2 * context.params.critical)),
        evidence: {
          weight: weight.toString(),
          signs: signs.map(({ name, weight: own, count }) => ({ name, weight: own.toString(), count })),
          source: view.flow().source,
        },
      });
    }
  },
};

interface Heaviest {
  readonly story: Story;
  readonly signs: readonly Sign[];
  readonly weight: number;
  /** Whom the signs are about, with their place: the most affected first. */
  readonly rank: ReadonlyMap<Address, number>;
  /** Who else took part: ran code in earnest, had its code run by another, or moved assets. */
  readonly others: ReadonlySet<Address>;
}

function heaviestOf(view: TxView, watched: ReadonlySet<Address>): Heaviest {
  const [first, ...others] = storiesOf(view, watched).map(weighed);
  return others.reduce((top, one) => (one.weight > top.weight ? one : top), first!);
}

/** A reading is weighed once, for however many watched sets it is the same. */
const weighed = oncePer((story: Story): Heaviest => {
  const signs = signsOf(story);
  const rank = new Map([...new Set(signs.flatMap((s) => s.victims))].map((a, i) => [a, i]));
  const others = new Set(story.net.keys());
  for (const { context, frame, reverted, isStatic } of story.visits) {
    if (reverted || isStatic) continue;
    others.add(context).add(frame.to);
    // A proxy's code is as much the victim as the proxy.
    if (frame.type === "DELEGATECALL" && rank.has(context) && !rank.has(frame.to))
      rank.set(frame.to, rank.get(context)!);
  }
  return { story, signs, weight: weightOf(story, signs), rank, others };
});

function victimOf(rank: Heaviest["rank"], watched: ReadonlySet<Address>): Address | undefined {
  const placed = [...watched].filter((a) => rank.has(a));
  return placed.reduce<Address | undefined>(
    (top, a) => (top === undefined || rank.get(a)! < rank.get(top)! ? a : top),
    undefined,
  );
}
