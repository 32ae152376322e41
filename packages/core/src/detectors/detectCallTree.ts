import { z } from "zod";
import type { Detector } from "../model/Detector.ts";
import type { Address } from "../model/Hex.ts";
import type { TxView } from "../model/TxView.ts";
import type { Sign } from "./callTree/Sign.ts";
import { type Story, storiesOf } from "./callTree/Story.ts";
import { type Levels, severityOf, signsOf, weightOf } from "./callTree/weigh.ts";

export type CallTreeParams = Levels;

/**
 * Call tree: what the calls of one transaction look like, judged without logs, state, history or prices.
 *
 *   weight = Σ weights of the signs (detectors/callTree/find*.ts: each with what it keys on, its source and its evasion)
 *   critical >= 3 · high >= 2.5 · medium >= 2, told of the watched address that the signs are about
 *
 * A sign that honest business never shows weighs 3 and is enough; a gain that the actors keep weighs 1, so that a second
 * strong sign or two weak ones must stand beside it. Where the contract that was called first only passes the call on,
 * the transaction is read a second time with the next contract as an actor, and the heavier reading counts.
 * Source: design judgement after the shapes of recorded attacks of before 2024; the later ones moved no weight.
 * No list of attackers or victims. Degraded without L: movements come from calldata.
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
  params: z
    .object({ critical: z.number().positive(), high: z.number().positive(), medium: z.number().positive() })
    .strict(),
  defaults: { critical: 3, high: 2.5, medium: 2 },
  detect(context) {
    for (const view of context.txs) {
      if (view.trace === undefined) continue;
      const { story, signs, weight } = heaviestOf(view, context.watched);
      const severity = severityOf(weight, context.params);
      const subject = victimOf(signs, context.watched);
      if (severity === undefined || subject === undefined) continue;
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
}

const kept = new WeakMap<TxView, Map<string, Heaviest>>();

/** The reading with the most weight. It depends on the watched set only by whether that acts itself, and is kept. */
function heaviestOf(view: TxView, watched: ReadonlySet<Address>): Heaviest {
  const own = kept.get(view) ?? new Map<string, Heaviest>();
  kept.set(view, own);
  const readings = storiesOf(view, watched);
  const key = readings.map((story) => [...story.actors].join()).join("|");
  const known = own.get(key);
  if (known !== undefined) return known;
  const [first, ...others] = readings.map((story) => {
    const signs = signsOf(story);
    return { story, signs, weight: weightOf(signs) };
  });
  const best = others.reduce((top, one) => (one.weight > top.weight ? one : top), first!);
  own.set(key, best);
  return best;
}

function victimOf(signs: readonly Sign[], watched: ReadonlySet<Address>): Address | undefined {
  return signs.flatMap((s) => s.victims).find((a) => watched.has(a));
}
