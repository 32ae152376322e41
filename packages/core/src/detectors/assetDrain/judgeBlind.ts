import { toPlainNumber } from "../../math/ratio.ts";
import type { Dealing } from "../../signs/Dealing.ts";
import { gainOf } from "../../signs/DrainGain.ts";
import { drainSigns } from "../../signs/DrainSign.ts";
import type { AssetDrainContext } from "./AssetDrainParams.ts";
import { blindActorsOf } from "./actorsOf.ts";
import { flagText } from "./flagText.ts";
import { nowOf } from "./nowOf.ts";
import { strongSigns } from "./strongSigns.ts";

/** Judges one dealing without state: the actors keep what left, and a strong sign stands beside it; true when it told. */
export function judgeBlind(context: AssetDrainContext, dealing: Dealing): boolean {
  if (dealing.outs.length === 0) return false;
  const found = drainSigns(dealing.view, dealing.holder, context.watched, context.memory, nowOf(context));
  const gain = gainOf(dealing, context.watched, blindActorsOf(context, found.cluster), true);
  if (
    gain.capture < context.params.capture ||
    dealing.ins.length > 0 ||
    !found.signs.some((s) => strongSigns.includes(s))
  )
    return false;
  context.finding({
    severity: "high",
    class: "anomaly",
    subject: dealing.holder,
    reason: `Assets left ${dealing.holder} to the caller${flagText(found.signs)}; how much it held is not known.`,
    txHash: dealing.view.tx.hash,
    addresses: [...found.cluster].slice(0, 16),
    key: [dealing.view.tx.hash],
    score: gain.capture,
    evidence: {
      flags: ["Z2", ...found.signs],
      holdings: "unknown",
      capture: toPlainNumber(gain.capture),
      out: dealing.outs.map((l) => ({ asset: l.asset, amount: l.amount })),
      source: dealing.view.flow().source,
    },
  });
  return true;
}
