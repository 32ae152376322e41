import { neighbours } from "./neighbours.mjs";

/** The result for a person: aims with what was measured, what each part counted, neighbours, and how many aims were missed. */
export function renderTable({ setting, parts, summary }) {
  return [
    `${setting.command} on ${setting.date}, commit ${setting.commit}, Node ${setting.node}, ${setting.cpus} cores (${setting.cpuModel}).`,
    `Load average before and after: ${setting.loadBefore} and ${setting.loadAfter}.`,
    "",
    ...tableOf(
      ["part", "what", "aim", "measured", ""],
      Object.entries(parts).flatMap(([part, value]) => rowsOf(part, value)),
    ),
    "",
    ...Object.entries(parts).flatMap(([part, { notes = [], seconds, loadBefore }]) => [
      ...(seconds === undefined ? [] : [`${part}: ${seconds} s, load ${loadBefore[0]} at its begin`]),
      ...notes.map((note) => `  ${note}`),
    ]),
    "",
    "Published beside it; other data, so that a figure here is no better for being larger:",
    ...tableOf(
      ["system", "figure", "source"],
      neighbours.map(({ name, figure, source }) => [name, figure, source]),
    ),
    "",
    lastLine(summary),
    "",
  ].join("\n");
}

function rowsOf(part, { aims = [], skipped, broke }) {
  if (skipped !== undefined) return [[part, "skipped", "", skipped, ""]];
  if (broke !== undefined) return [[part, "broke", "", broke.split("\n")[0], ""]];
  return aims.map(({ name, aim, measured, reached }) => [part, name, aim, measured, reached ? "reached" : "MISSED"]);
}

function tableOf(head, rows) {
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map((row) => `${row[i]}`.length)));
  const line = (cells) =>
    cells
      .map((cell, i) => `${cell}`.padEnd(widths[i]))
      .join("  ")
      .trimEnd();
  return [line(head), widths.map((width) => "-".repeat(width)).join("  "), ...rows.map(line)];
}

function lastLine({ aims, missed, skipped, broken }) {
  const rest = [
    ...(skipped.length > 0 ? [`${skipped.length} part(s) skipped`] : []),
    ...(broken.length > 0 ? [`${broken.length} part(s) broke`] : []),
  ];
  return `${missed.length} of ${aims} aims missed${rest.length > 0 ? `; ${rest.join(", ")}` : ""}.`;
}
