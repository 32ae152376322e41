import type { Threat } from "./Threat.ts";

/** A figure before and after. */
export interface Figure {
  readonly before: number | undefined;
  readonly after: number | undefined;
}

/** A threat that is in both lists and differs. */
export interface MovedThreat {
  readonly id: string;
  /** Places it rose by: above 0 it became worse. */
  readonly by: number;
  readonly rank: Figure;
  /** The figures that changed, by name. */
  readonly figures: { readonly [name in FigureName]?: Figure };
  /** The best defence, where it is another now. */
  readonly defence?: { readonly before: string | undefined; readonly after: string | undefined };
}

export type FigureName = "cost" | "gain" | "headroom" | "probability" | "expectedProfit";

export interface ThreatDifference {
  readonly added: readonly Threat[];
  readonly gone: readonly Threat[];
  /** In the order of the later list. */
  readonly moved: readonly MovedThreat[];
}

const names: readonly FigureName[] = ["cost", "gain", "headroom", "probability", "expectedProfit"];

/** What changed between two lists of threats, as parameters or the market did. */
export function compareThreats(before: readonly Threat[], after: readonly Threat[]): ThreatDifference {
  const earlier = new Map(before.map((threat) => [threat.id, threat]));
  const later = new Set(after.map(({ id }) => id));
  const moved = after.flatMap((threat) => {
    const known = earlier.get(threat.id);
    return known === undefined ? [] : moveOf(known, threat);
  });
  return Object.freeze({
    added: Object.freeze(after.filter(({ id }) => !earlier.has(id))),
    gone: Object.freeze(before.filter(({ id }) => !later.has(id))),
    moved: Object.freeze(moved),
  });
}

function moveOf(before: Threat, after: Threat): readonly MovedThreat[] {
  const changed = names.filter((name) => before[name] !== after[name]);
  const figures = Object.fromEntries(changed.map((name) => [name, figure(before[name], after[name])]));
  const defences = { before: before.defence?.name, after: after.defence?.name };
  const otherDefence = defences.before !== defences.after;
  if (changed.length === 0 && !otherDefence && before.rank === after.rank) return [];
  return [
    Object.freeze({
      id: after.id,
      by: before.rank - after.rank,
      rank: figure(before.rank, after.rank),
      figures: Object.freeze(figures),
      ...(otherDefence && { defence: Object.freeze(defences) }),
    }),
  ];
}

function figure(before: number | undefined, after: number | undefined): Figure {
  return Object.freeze({ before, after });
}
