import { zeroConfigDetectors } from "@testudo/core/detectors/zeroConfig";
import type { DetectorUse } from "@testudo/core/model/Detector";
import { type Mistake, mistakeOfError } from "../../config/ConfigError.ts";
import { placeOfValue } from "../../config/locate.ts";
import type { BotDetector } from "../../interop/forta/fortaAdapter.ts";
import type { CheckedPart } from "./CheckedPart.ts";
import type { Written } from "./Written.ts";

/** The detectors of a configuration, and whether those that are bots load. Their parameters were checked when it ran. */
export function checkDetectors({ source, config, isStandIn }: Written): {
  readonly part: CheckedPart;
  readonly uses: readonly DetectorUse[];
} {
  const { detectors } = config;
  if (!Array.isArray(detectors)) {
    const uses = zeroConfigDetectors();
    const text = `the ${uses.length} that need no configuration`;
    return { part: { part: "detectors", text: detectors === undefined ? text : "", faults: [] }, uses };
  }
  const all = detectors as readonly Partial<BotDetector>[];
  const uses = all.filter((use): use is BotDetector => typeof use?.meta?.id === "string" && !isStandIn(use));
  const faults = all.flatMap((use, i): Mistake[] => {
    try {
      use?.tryLoading?.();
      return [];
    } catch (error) {
      return [mistakeOfError(placeOfValue(source, ["detectors", i]), error)];
    }
  });
  return { part: { part: "detectors", text: uses.map(({ meta }) => meta.id).join(", "), faults }, uses };
}
