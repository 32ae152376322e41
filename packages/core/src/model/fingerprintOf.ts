import type { DetectorUse } from "./Detector.ts";
import type { Hex } from "./Hex.ts";
import { toPlainJson } from "./plainJson.ts";
import { hashOf } from "./Record.ts";

/**
 * A hash of what a detector is made of: what stands on its findings, its parameters, and its author's words where they
 * are known, else its code. It changes with each of them; what its code calls elsewhere is not in it.
 */
export function fingerprintOf({ meta, settings, text, detect }: DetectorUse): Hex {
  return hashOf([toPlainJson(meta), toPlainJson(settings ?? null), text ?? String(detect)]);
}

/** The fingerprints of `detectors` by id. */
export function fingerprintsOf(detectors: readonly DetectorUse[]): { readonly [id: string]: Hex } {
  return Object.fromEntries(detectors.map((use) => [use.meta.id, fingerprintOf(use)]));
}
