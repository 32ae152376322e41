import type { Progress } from "../../backtest/CaseSource.ts";
import { printable, printableLines } from "../../deliver/printable.ts";

/**
 * Shows how far a long work is, on standard error: one line that is written over on a terminal, else a line at times. Names of files
 * and words of nodes, of which both may be full, do not steer the terminal.
 */
export interface ProgressLine {
  show(progress: Progress): void;
  note(text: string): void;
  end(): void;
}

const terminalEveryMs = 100;
const logEveryMs = 5_000;

export function progressLine(stream: NodeJS.WriteStream = process.stderr): ProgressLine {
  let shownMs = 0;
  const clear = () => void (stream.isTTY && stream.write("\r\u001b[K"));
  return {
    show({ done, total, what }) {
      const now = Date.now();
      if (now - shownMs < (stream.isTTY ? terminalEveryMs : logEveryMs)) return;
      shownMs = now;
      const share = total === undefined || total === 0 ? "" : `${Math.floor((done / total) * 100)} %  `;
      const text = `${share}${printable(what)}`;
      if (stream.isTTY) stream.write(`\r\u001b[K${text.slice(0, stream.columns - 1)}`);
      else stream.write(`${text}\n`);
    },
    note(text) {
      clear();
      stream.write(`${printableLines(text)}\n`);
    },
    end: clear,
  };
}
