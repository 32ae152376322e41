import { countOf } from "@testudo/core/model/countOf";
import type { Derivation } from "@testudo/core/model/Derivation";
import type { Severity } from "@testudo/core/model/Finding";
import { describeRule } from "@testudo/core/model/GuardRule";
import type { Commit, EvidenceRecord } from "@testudo/core/model/Output";
import type { SimulatedCall } from "@testudo/core/model/Simulation";
import { timeText } from "@testudo/core/model/timeText";
import type pc from "picocolors";
import { printable } from "../deliver/printable.ts";

/** Colours, or none where the terminal has none. */
export type Paint = ReturnType<typeof pc.createColors>;

const short = (hex: string) => (hex.length > 14 ? `${hex.slice(0, 8)}…${hex.slice(-4)}` : hex);

// Findings and notes name contracts and functions in hexadecimal; a person reads names.
function named(text: string, nameOf: (hex: string) => string): string {
  return printable(text).replace(/0x(?:[0-9a-f]{64}|[0-9a-f]{40}|[0-9a-f]{8})(?![0-9a-f])/g, nameOf);
}

/** The lines that tell a person what a commit means, in the order in which it happened. Empty for what is no news. */
export function narrate(commit: Commit, paint: Paint, nameOf: (address: string) => string = short): readonly string[] {
  return commit.records.flatMap((record) => lineOf(record, paint, nameOf) ?? []);
}

function lineOf(record: EvidenceRecord, paint: Paint, nameOf: (address: string) => string): string | undefined {
  switch (record.kind) {
    case "Finding":
      if (record.phase === "history" && record.class === "health") return undefined;
      return `  ${badge(record.severity, paint)} ${paint.bold(record.detector)} at ${nameOf(record.subject)}: ${record.prediction ? "not in a block yet: " : ""}${named(record.reason, nameOf)}`;
    case "FindingStatus":
      return record.transition === "retracted"
        ? `  ${paint.yellow("retracted")} ${short(record.finding)}: its block was orphaned`
        : undefined;
    case "Decision":
      return record.outcome === "propose"
        ? `  ${paint.cyan("decided")}  propose an action (${named(record.because, nameOf)})`
        : `  ${paint.dim(`decided  alert only: ${named(record.because, nameOf)}`)}`;
    case "Action":
      return record.type === "pause"
        ? `  ${paint.cyan("planned")}  pause ${countOf(record.selectors.length, "function")} of ${nameOf(record.target)} until ${timeText(record.until)}`
        : `  ${paint.cyan("planned")}  rule ${named(describeRule(record.rule), nameOf)} of ${nameOf(record.target)} until ${timeText(record.until)}`;
    case "Derivation":
      return `  ${record.rule ? paint.cyan("derived") : paint.yellow("derived")}  ${tellDerived(record, nameOf)}`;
    case "Simulation":
      return `  ${record.passed ? paint.green("tried") : paint.red("tried")}    on a fork of block ${record.blockNumber}: ${outcomesOf(record.calls, nameOf)}`;
    case "Approval":
      return `  ${paint.magenta("signed")}   guardian ${nameOf(record.signer)}`;
    case "ActionStatus":
      return statusLine(record, paint, nameOf);
    case "Remark":
      return record.topic === "trouble" ||
        record.topic === "rules" ||
        record.topic === "mode" ||
        record.topic === "reorg"
        ? `  ${paint.yellow(record.topic)}  ${printable(record.text)}`
        : undefined;
    case "Review":
      return `  ${paint.yellow("reviewed")} ${short(record.finding)}: ${record.verdict} as a false alarm by ${printable(record.actor)}, ${printable(record.note)}`;
    // Its finding says the same.
    case "Report":
    case "Incident":
      return undefined;
    default:
      return never(record);
  }
}

function tellDerived({ rule, tried, target, note }: Derivation, nameOf: (hex: string) => string): string {
  const told = `${printable(named(note, nameOf))} (${tried.length} looked at)`;
  return rule
    ? `rule ${named(describeRule(rule), nameOf)} of ${nameOf(target)}: ${told}`
    : `no rule of ${nameOf(target)}: ${told}`;
}

function outcomesOf(calls: readonly SimulatedCall[], nameOf: (hex: string) => string): string {
  const pauses = calls.filter((call) => call.name.startsWith("pausing ") && call.succeeded);
  const rules = calls.filter((call) => call.name.startsWith("ruling ") && call.succeeded);
  const others = calls.filter((call) => !pauses.includes(call) && !rules.includes(call));
  const told = others.map((call) => `${named(call.name, nameOf)} ${call.succeeded ? "works" : "reverts"}`);
  const works = rules.length > 0 ? `${rules.length} rules work` : `${pauses.length} pauses work`;
  return [works, ...new Set(told)].join(", ");
}

function statusLine(
  record: Extract<EvidenceRecord, { kind: "ActionStatus" }>,
  paint: Paint,
  nameOf: (hex: string) => string,
): string | undefined {
  const tx = record.txHash ? ` (transaction ${short(record.txHash)})` : "";
  switch (record.state) {
    case "proposed":
    case "simulated":
    case "signed":
      return undefined;
    case "approved":
      return `  ${paint.magenta("agreed")}   ${printable(record.note)}`;
    case "broadcast":
      return `  ${paint.blue("sent")}     ${printable(record.note)}${tx}`;
    case "active":
      return `  ${paint.bgGreen(paint.black(record.note.startsWith("ruled") ? " RULED " : " PAUSED "))} in block ${record.blockNumber}: ${named(record.note, nameOf)}`;
    default:
      return `  ${paint.yellow(record.state)}  ${printable(record.note)}${tx}`;
  }
}

function badge(severity: Severity, paint: Paint): string {
  const text = severity.toUpperCase().padEnd(8);
  if (severity === "critical") return paint.bgRed(paint.white(paint.bold(text)));
  if (severity === "high") return paint.red(text);
  if (severity === "medium") return paint.yellow(text);
  return paint.dim(text);
}

function never(record: never): never {
  throw new TypeError(`Unknown record ${JSON.stringify(record)}.`);
}
