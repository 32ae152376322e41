import type { Severity } from "@testudo/core/model/Finding";
import type { Notice } from "@testudo/core/model/Notice";
import picocolors from "picocolors";
import type { Channel } from "./Channel.ts";
import { escapeLine, escapeLines } from "./escapeText.ts";

/** Settings of a terminal. `write` takes whole lines; `color` is found out when absent. */
export interface TerminalOptions {
  readonly name?: string;
  readonly minSeverity?: Severity;
  readonly write: (text: string) => void;
  readonly color?: boolean;
}

type Colors = ReturnType<typeof picocolors.createColors>;

/** A channel that prints each notice for a person. */
export function terminalChannel(options: TerminalOptions): Channel {
  const colors = picocolors.createColors(options.color ?? picocolors.isColorSupported);
  return {
    name: options.name ?? "terminal",
    minSeverity: options.minSeverity ?? "info",
    deliver: async (notice) => options.write(renderNotice(notice, colors)),
  };
}

/** `notice` as lines for a terminal. Nothing that came from the chain can colour, move, forge a line or make a link (DELIV-04). */
export function renderNotice(notice: Notice, colors: Colors): string {
  const { severity, transition, title, blockNumber, body, runbook, txHash, subject } = notice;
  const tag = paint(colors, severity)(` ${severity.toUpperCase()} `);
  const head = `${tag} ${colors.bold(escapeLine(title))} ${colors.dim(`(${escapeLine(transition)}, block ${blockNumber})`)}`;
  const facts = [
    subject === undefined ? [] : `subject ${escapeLine(subject)}`,
    txHash === undefined ? [] : `tx ${escapeLine(txHash)}`,
    runbook === "" ? [] : `runbook ${escapeLine(runbook)}`,
  ].flat();
  const quoted = body === "" || body === title ? [] : escapeLines(body);
  const lines = [...quoted, ...facts].map((line) => `${colors.dim("  │")} ${line}`);
  return `${[head, ...lines].join("\n")}\n`;
}

function paint(colors: Colors, severity: Severity): (text: string) => string {
  switch (severity) {
    case "critical":
      return (text) => colors.bgRed(colors.white(colors.bold(text)));
    case "high":
      return (text) => colors.red(colors.inverse(text));
    case "medium":
      return (text) => colors.yellow(colors.inverse(text));
    case "low":
      return (text) => colors.cyan(colors.inverse(text));
    case "info":
      return (text) => colors.dim(text);
  }
}
