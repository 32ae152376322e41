import type { IncidentResult } from "./IncidentResult.ts";

/** The table of the incident corpus, as Markdown. */
export function renderIncidents(results: readonly IncidentResult[]): string {
  const rows = results.map((result) =>
    [
      result.incident,
      result.loss,
      result.mechanism,
      result.first === null ? "never" : blockText(result.first.block),
      result.first === null ? "-" : `${result.first.stage}, ${result.first.detector} (${result.first.severity})`,
      listOf(result.told),
      result.missed.length === 0 ? "all" : `not ${result.missed.join(", ")}`,
      `${result.damage}: ${result.toldDamage.length === 0 ? "not told" : result.toldDamage.join(", ")}`,
      Object.keys(result.saidOfTwin).length === 0 ? "nothing" : listOf(result.saidOfTwin),
    ].join(" | "),
  );
  return [
    "| incident | loss | mechanism | first alert | stage and detector | told | must fire | damage, told by | said of the twin |",
    "|---|---|---|---|---|---|---|---|---|",
    ...rows.map((row) => `| ${row} |`),
  ].join("\n");
}

function blockText(block: number): string {
  if (block === 0) return "the block of the loss";
  const count = Math.abs(block);
  return `${count} block${count === 1 ? "" : "s"} ${block < 0 ? "before" : "after"}`;
}

function listOf(told: IncidentResult["told"]): string {
  return Object.entries(told)
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([detector, severity]) => `${detector} ${severity}`)
    .join(", ");
}
