import type { Threat } from "@testudo/core/risk/attack/Threat";
import type { RankedThreat, RankingDifference } from "./RaidReport.ts";

/** What changed since the last ranking, a line each. `titles`: of what was found this time, by id. */
export function* tellDifference(
  { added, gone, moved }: RankingDifference,
  titles: ReadonlyMap<string, string>,
): Generator<string> {
  const titleOf = (id: string): string => `${id} ${titles.get(id) ?? ""}`.trim();
  if (added.length + gone.length + moved.length === 0) {
    yield "The same as in the last ranking.";
    return;
  }
  yield "Since the last ranking:";
  for (const { id, rank } of added) yield `  new, rank ${rank}: ${titleOf(id)}`;
  for (const { id, rank, gain, why } of gone) yield `  gone, was rank ${rank} with a gain of ${gain}: ${id}. ${why}`;
  for (const { id, rank, figures, defence } of moved) {
    const places = rank.before === rank.after ? `rank ${rank.after}` : `rank ${rank.before} to ${rank.after}`;
    const changes = Object.entries(figures)
      .filter(([name]) => name === "gain" || name === "cost" || name === "probability")
      .map(([name, { before, after }]) => `${name} ${before} to ${after}`);
    const other = defence === undefined ? [] : [`defence ${defence.before ?? "none"} to ${defence.after ?? "none"}`];
    yield `  ${[`${places}: ${titleOf(id)}`, ...changes, ...other].join("; ")}`;
  }
}

/** Which defence contains it, as far as one was found. */
export function tellDefence({ defence }: Pick<Threat, "defence">, unit: string): string {
  if (defence === undefined) return "no defence was found";
  const what = defence.contains ? "contains it" : "does not contain it";
  return `${defence.name} ${what}: ${defence.gain} ${unit} left`;
}

/** A threat that was not found this time, and stays. */
export function* tellKept({ id, rank, gain, cost, notFoundThisTime }: RankedThreat, unit: string): Generator<string> {
  if (notFoundThisTime === undefined) return;
  const { lastSeen, calls, again, why } = notFoundThisTime;
  const when = lastSeen === null ? "in an earlier run" : `on ${lastSeen} in a run of ${calls} calls`;
  yield `${rank}. ${id}: ${gain} ${unit} gained at a cost of ${cost}`;
  yield `   not found this time, last ${when}; ${again === "works" ? "played again it still works" : `not played again: ${why}`}`;
}
