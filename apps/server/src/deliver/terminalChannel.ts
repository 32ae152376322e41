import type { Severity } from "@testudo/core/model/Finding";
import type { Notice } from "@testudo/core/model/Notice";
import picocolors from "picocolors";
import type { Channel } from "./Channel.ts";
import { escapeLine, escapeLines } from "./escapeText.ts";
import { functionsOf } from "./Message.ts";

/** Settings of a terminal. `write` takes whole lines; `color` is found out when absent. */
export interface TerminalOptions {
  readonly name?: string;
  readonly minSeverity?: Severity;
  readonly write: (text: string) => void;
  readonly color?: boolean;
  /** Width to break lines at; undefined where the output is no terminal. */
  readonly columns?: () => number | undefined;
}

type Colors = ReturnType<typeof picocolors.createColors>;

/** A channel that prints each notice for a person. */
export function terminalChannel(options: TerminalOptions): Channel {
  const colors = picocolors.createColors(options.color ?? picocolors.isColorSupported);
  return {
    name: options.name ?? "terminal",
    minSeverity: options.minSeverity ?? "info",
    deliver: async (notice) => {
      options.write(renderNotice(notice, colors, options.columns?.()));
      return { said: "printed" };
    },
  };
}

/**
 * `notice` as lines for a terminal, broken between words where they are longer than `columns`. Nothing that came from the
 * chain can colour, move, forge a line or make a link (DELIV-04).
 */
export function renderNotice(notice: Notice, colors: Colors, columns = Number.POSITIVE_INFINITY): string {
  const { severity, transition, title, blockNumber, body, runbook, txHash, subject, action } = notice;
  const tag = ` ${severity.toUpperCase()} `;
  const when = `(${escapeLine(transition)}, block ${blockNumber})`;
  const [first = "", ...more] = breakLine(escapeLine(title), columns - tag.length - 1, columns - quote.length - 1);
  const facts = [
    action === undefined ? [] : `action  ${escapeLine(action.id)}`,
    subject === undefined ? [] : `${action === undefined ? "subject" : "target "} ${escapeLine(subject)}`,
    action === undefined ? [] : `calls   ${escapeLine(functionsOf(action)[1])}`,
    txHash === undefined ? [] : `tx      ${escapeLine(txHash)}`,
    runbook === "" ? [] : `runbook ${escapeLine(runbook)}`,
  ].flat();
  const quoted = body === "" || body === title ? [] : escapeLines(body);
  const titled = [
    `${paint(colors, severity)(tag)} ${colors.bold(first)}`,
    ...more.map((line) => quoteLine(colors, colors.bold(line))),
  ];
  const last = more.at(-1)?.length ?? tag.length + first.length - quote.length;
  const isRoom = last + quote.length + 2 + when.length <= columns;
  if (isRoom) titled.push(`${titled.pop()} ${colors.dim(when)}`);
  else titled.push(quoteLine(colors, colors.dim(when)));
  const rest = [...quoted, ...facts].flatMap((line) => breakLine(line, columns - quote.length - 1));
  return `${[...titled, ...rest.map((line) => quoteLine(colors, line))].join("\n")}\n`;
}

const quote = "  │";

function quoteLine(colors: Colors, line: string): string {
  return `${colors.dim(quote)} ${line}`;
}

/** `text` in pieces of at most `first`, then `rest` characters, broken at blanks. A longer word keeps a line of its own. */
function breakLine(text: string, first: number, rest = first): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    const room = lines.length === 0 ? first : rest;
    if (line !== "" && line.length + 1 + word.length > room) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line];
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
