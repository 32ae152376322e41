import type { Commit } from "@testudo/core/model/Output";
import pc from "picocolors";
import { narrate, type Paint } from "../watch/narrate.ts";
import { wrapLine } from "../watch/wrapLine.ts";
import { cardLines, money, type ShownBeside } from "./cardLines.ts";
import type { SentTransaction } from "./Scenario.ts";
import type { Scorecard } from "./scorecard.ts";

/** What a person sees of a drill. */
export interface DrillView {
  chapter(title: string): void;
  stage(what: string): void;
  progress(slot: number, of: number): void;
  slot(slot: number, of: number, sent: readonly SentTransaction[]): void;
  /** Transactions of the attack that the chain has refused. */
  stopped(sent: readonly SentTransaction[]): void;
  commit(commit: Commit, nameOf: (address: string) => string | undefined): void;
  loss(label: string, usd: number): void;
  card(card: Scorecard, shown: ShownBeside): void;
  line(text: string): void;
}

/** For `--json`: standard output is not ours. Progress goes to standard error, one line a stage. */
export function quietView(write: (text: string) => void): DrillView {
  return {
    chapter: (title) => write(`${title}\n`),
    stage: (what) => write(`${what}\n`),
    progress: () => undefined,
    slot: () => undefined,
    stopped: () => undefined,
    commit: () => undefined,
    loss: () => undefined,
    card: (_, { waitedMs }) => write(`the chain waited for the defence: ${waitedMs} ms\n`),
    line: (text) => write(`${text}\n`),
  };
}

/** What is written to. `columns` is asked at each line: a window may change. */
export interface Terminal {
  readonly isTty: boolean;
  readonly color: boolean;
  readonly columns: () => number;
}

/** The drill on a terminal, block by block. */
export function terminalView(write: (text: string) => void, terminal: Terminal): DrillView {
  const { isTty, color, columns } = terminal;
  const paint = pc.createColors(color);
  let isWrittenOver = false;
  const line = (text: string) => {
    write(`${isWrittenOver ? "\n" : ""}${wrapLine(text, columns())}\n`);
    isWrittenOver = false;
  };
  let last = "";
  let isLive = false;
  let isOver = false;
  return {
    line,
    chapter: (title) => line(`\n${paint.bold(title)}`),
    stage: (what) => line(paint.dim(`· ${what}`)),
    progress(slot, of) {
      const text = `  block ${slot} of ${of} `;
      if (isTty) write(`\r${text}${bar(slot, of, columns() - text.length, paint)}${slot === of ? "\n" : ""}`);
      else if (slot === of) line(`  ${of} blocks`);
    },
    slot(slot, of, sent) {
      isLive = true;
      const attack = sent.filter((tx) => tx.role === "attack");
      line(
        `${paint.dim(`slot ${String(slot).padStart(2)}/${of}`)} ${sent.length - attack.length} by honest users${attack.length > 0 ? `, ${paint.red(attack.map((tx) => tx.label).join(", "))}` : ""}`,
      );
    },
    stopped(sent) {
      line(`  ${paint.green("refused")}  ${sent.map((tx) => tx.label).join(", ")}`);
    },
    commit(commit, nameOf) {
      if (!isLive) return;
      const lines = narrate(commit, paint, (hex) => nameOf(hex) ?? (hex.length > 10 ? `${hex.slice(0, 8)}…` : hex));
      if (commit.cursor) {
        const block = `${paint.bold(`block ${commit.cursor.number}`)}${lines.length === 0 ? ` ${paint.green("quiet")}` : ""}`;
        if (!isOver || lines.length > 0) line(block);
        else if (isTty) {
          // The chain goes on under --serve, and may not scroll the scorecard away.
          write(`\r${block}`);
          isWrittenOver = true;
        }
      }
      // Actions of one decision are tried together and tell the same.
      for (const text of lines) if (text !== last) line(text);
      last = lines.at(-1) ?? last;
    },
    loss: (label, usd) => line(`  ${label}: ${paint.bold(money(usd))}`),
    card: (card, shown) => {
      for (const text of cardLines(card, shown, paint, columns())) line(text);
      isOver = true;
    },
  };
}

// A bar that is wider than the window would not be drawn over itself.
function bar(slot: number, of: number, width: number, paint: Paint): string {
  const length = Math.max(0, Math.min(of, width - 1));
  const done = Math.floor((slot * length) / of);
  return paint.cyan("█".repeat(done)) + paint.dim("░".repeat(length - done));
}
