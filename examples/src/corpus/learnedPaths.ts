import { detectUnseenPath } from "@testudo/core/detectors/detectUnseenPath";
import { type DetectorUse, useDetector } from "@testudo/core/model/Detector";

/** Transactions that a small contract of the corpus is used by in its week of learning; the default asks for a thousand. */
export const learnTxs = 28;

/** unseen-path, learning for a week of a stage's own use. */
export function learnedPaths(): DetectorUse {
  return useDetector(detectUnseenPath, { learnTxs });
}

export const day = 86_400;
