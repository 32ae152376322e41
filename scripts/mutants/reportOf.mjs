// The report on mutants as Markdown.
import { operators } from "./operators.mjs";

const verdicts = ["equivalent", "accepted", "todo"];

/** Survivors that nobody judged, or not in one of the known words with a sentence. */
export function unjudged(mutants, results, judgements) {
  return survivorsOf(mutants, results).filter(({ id }) => {
    const { verdict, why } = judgements.get(id) ?? {};
    return !verdicts.includes(verdict) || !why;
  });
}

/** Judgements of mutants that do not exist any more. */
export function outdated(mutants, judgements) {
  const ids = new Set(mutants.map(({ id }) => id));
  return [...judgements.keys()].filter((id) => !ids.has(id));
}

/** The report: what was run, killed shares by module and operator, and every survivor with its judgement. */
export function reportOf(mutants, results, judgements) {
  return `${[
    ...introduction(mutants, results, judgements),
    ...byModule(mutants, results),
    ...byOperator(mutants, results),
    ...survivorSection(mutants, results, judgements),
  ].join("\n")}\n`;
}

function introduction(mutants, results, judgements) {
  const all = countsOf(mutants, results);
  const guards = ["access", "limit"].map((kind) =>
    countsOf(
      mutants.filter((mutant) => mutant.guards === kind),
      results,
    ),
  );
  const survivors = survivorsOf(mutants, results);
  const said = [
    ...verdicts.map((word) => `${survivors.filter(({ id }) => judgements.get(id)?.verdict === word).length} ${word}`),
    `${survivors.filter(({ id }) => !judgements.has(id)).length} not judged`,
  ];
  return [
    "# Mutants of the contracts",
    "",
    "Each mutant is a contract with one line broken: a comparison turned round, a boundary moved by one, a refusal or an",
    "event dropped, a rounding or a role swapped. A mutant is killed when a test fails, and survives when none does: then",
    "either the change makes no difference, or a test is missing. The tests are those that reach the source through their",
    "imports: the unit tests nearest to it, then those of what uses it, those one import further and the nearest",
    "differential and invariant tests, with 64 fuzz and 4 invariant runs. Gas and incident tests are left out, and contracts are compiled without optimizer.",
    "",
    "```",
    "npm run mutants -- --sample 8 --report   # runs 8 mutants of each module, and writes this page",
    "npm run mutants -- --report              # writes it from the outcomes so far, which are kept in git",
    "```",
    "",
    `Of ${mutants.length} mutants ${all.run} were run: ${all.killed} killed, ${all.survived} survived (${said.join(", ")}),` +
      ` ${all.uncompiled} did not compile and count for nothing; ${all.left} were not run. Killed of those that compile:` +
      ` ${share(all)}; on lines that ask who calls ${share(guards[0])} of ${guards[0].killed + guards[0].survived}, on lines` +
      ` that refuse a limit ${share(guards[1])} of ${guards[1].killed + guards[1].survived}.`,
    "",
  ];
}

function byModule(mutants, results) {
  const modules = [...new Set(mutants.map(({ module }) => module))].sort();
  const rows = modules.map((name) => {
    const own = mutants.filter(({ module }) => module === name);
    return row(name, countsOf(own, results), own.length);
  });
  const ran = rows.filter((_, i) => mutants.some((m) => m.module === modules[i] && results.has(m.id)));
  const rest = modules.filter((name) => !mutants.some((m) => m.module === name && results.has(m.id)));
  const note = rest.length > 0 ? ["", `None was run of ${rest.join(", ")}.`] : [];
  return ["## By module", "", ...head("module"), ...ran, ...note, ""];
}

function byOperator(mutants, results) {
  const kinds = [
    ...Object.keys(operators).map((name) => [name, (mutant) => mutant.operator === name]),
    ...["access", "limit"].map((name) => [`${name} lines`, (mutant) => mutant.guards === name]),
  ];
  const rows = kinds.map(([name, is]) => row(name, countsOf(mutants.filter(is), results), mutants.filter(is).length));
  return ["## By operator", "", ...head("operator"), ...rows, ""];
}

function head(first) {
  return [
    `| ${first} | mutants | run | killed | survived | not compiled | killed of compiled |`,
    "|---|---|---|---|---|---|---|",
  ];
}

function row(name, { run, killed, survived, uncompiled }, total) {
  return `| ${name} | ${total} | ${run} | ${killed} | ${survived} | ${uncompiled} | ${share({ killed, survived })} |`;
}

function survivorSection(mutants, results, judgements) {
  const found = survivorsOf(mutants, results);
  if (found.length === 0) return ["## Survivors", "", "None."];
  const rows = found.map(({ id, file, line, operator, guards, before, after }) => {
    const { verdict = "not judged", why = "" } = judgements.get(id) ?? {};
    const place = `${file.replace("contracts/src/", "")}:${line}`;
    return `| ${place} | ${operator}, ${guards} | ${code(before)} → ${code(after)} | **${verdict}** ${why} | ${id} |`;
  });
  return [
    "## Survivors",
    "",
    "| line | operator, line's kind | change | judgement | id |",
    "|---|---|---|---|---|",
    ...rows,
  ];
}

function code(text) {
  const line = text.replace(/\s+/g, " ").trim();
  return line === "" ? "nothing" : `\`${line.replaceAll("|", "\\|")}\``;
}

function survivorsOf(mutants, results) {
  return mutants.filter(({ id }) => results.get(id) === "survived");
}

/** How many of `mutants` there are of each outcome, were run, and are left. */
export function countsOf(mutants, results) {
  const counts = { killed: 0, survived: 0, uncompiled: 0, left: 0 };
  for (const { id } of mutants) counts[results.get(id) ?? "left"] += 1;
  return { ...counts, run: mutants.length - counts.left };
}

function share({ killed, survived }) {
  return killed + survived === 0 ? "–" : `${((100 * killed) / (killed + survived)).toFixed(1)} %`;
}
