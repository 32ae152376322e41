import type { Defence } from "@testudo/core/risk/attack/Threat";
import { printable } from "../deliver/printable.ts";
import type { FoundPlan, RaidFinding } from "./RaidReport.ts";

/** A finding as a person reads it: what is taken, what it needs, and how it goes. */
export function tellFind(
  find: FoundPlan,
  confirmed: RaidFinding["confirmed"],
  defences: readonly Defence[],
  unit: string,
): string {
  const capital = Object.entries(find.capital).filter(([, amount]) => amount !== "0");
  const needs = capital.map(([asset, amount]) => `${amount} of ${asset} (smallest unit)`).join(", ");
  const time = find.isAtomic
    ? "No time passes: it fits in one block, and what it needs can be lent for as long."
    : "Time passes, or others act in between: what it needs must be his own.";
  return `${[
    `# ${printable(find.title)}`,
    "",
    `- Gain: ${find.gain} ${printable(unit)}, after a cost of ${find.cost}.`,
    `- Needs for a while: ${needs === "" ? "nothing" : printable(needs)}. ${time}`,
    `- Probability, by what the scenario says of it: ${find.probability}.`,
    `- Confirmed on ${confirmed.engine}: ${confirmed.ok ? "yes" : `no, ${printable(confirmed.difference ?? "")}`}.`,
    `- Defences that were tried against it: ${defences.length === 0 ? "none helps" : printable(defences.map(({ name, gain }) => `${name} (${gain} ${unit} left)`).join("; "))}.`,
    `- Capsule: SHA-256 ${find.capsule}.`,
    "",
    "## How it goes",
    "",
    ...find.moves.map((move, i) => `${i + 1}. \`${printable(move).replaceAll("`", "'")}\``),
    "",
  ].join("\n")}`;
}
