// Settings that follow from others where the file does not say them.
import { type CompositeRule, defaultComposite } from "@testudo/core/model/CompositeRule";
import type { Settings } from "./Config.ts";

/** How composite judges. Without p-values nothing can be combined. */
export function defaultCompositeOf(calibration: Settings["calibration"]): CompositeRule | undefined {
  return calibration === undefined ? undefined : defaultComposite;
}

/** How many nodes have to agree. */
export function defaultQuorum(rpc: readonly string[]): number {
  return Math.min(2, rpc.length);
}
