// A comparison that no value of the call moves depends on state: another call before it may bring it nearer.
import type { Call } from "./Call.ts";
import { readPath } from "./Path.ts";
import type { Approach, Site } from "./SiteBook.ts";
import type { Stage } from "./Stage.ts";
import { isFurther, standingOf, wayTo } from "./Way.ts";

const pairs = 48;

/**
 * Tries a call of `draw` before the approach's own; the approach that came nearest, if one did. Each pair is shown to `look`
 * while its results stand.
 */
export function wanderToSite(
  stage: Stage,
  site: Site,
  { state, call }: Approach,
  draw: () => Call,
  look: (groups: readonly (readonly Call[])[]) => void,
): Approach | undefined {
  stage.enter(state);
  stage.clear();
  stage.add(call, { takesBack: "itself", keepsComparisons: true });
  stage.run();
  const way = wayTo(site, readPath(stage.batch.comparisons(0)));
  if (way === undefined) return undefined;
  const now = standingOf(way, stage, 0);
  const groups = Array.from({ length: pairs }, () => [draw(), call]);
  stage.clear();
  for (const [before] of groups) {
    stage.add(before!, {});
    stage.add(call, { takesBack: "batch", keepsComparisons: true });
  }
  stage.run();
  look(groups);
  let best = now;
  let nearest: Call | undefined;
  groups.forEach(([before], i) => {
    const standing = standingOf(way, stage, 2 * i + 1);
    if (!isFurther(standing, best)) return;
    best = standing;
    nearest = before;
  });
  return nearest === undefined ? undefined : { state: { calls: [...state.calls, nearest] }, call };
}
