import { countOf } from "@testudo/core/model/countOf";
import type { Commit } from "@testudo/core/model/Output";
import pc from "picocolors";

/** Where the announcements go. Progress is drawn over itself on a terminal, and told now and then elsewhere. */
export interface AnnounceOptions {
  /** The newest block when the watch began: up to there it is history. */
  readonly head: bigint;
  readonly print: (line: string) => void;
  readonly terminal: { readonly isTTY?: boolean; write(text: string): unknown };
}

/** Tells once when the watch has caught up with the chain; a person wants to know from when on it is armed. */
export interface ArmedNews {
  onStored(commit: Pick<Commit, "cursor">): void;
  /** The watch begins with block `number`; above the head there is nothing to catch up with. */
  begin(number: bigint): void;
  /** The watch ends; a progress that stands unfinished on the terminal is ended with it. */
  end(): void;
}

const progressMs = 5_000;
const wipe = "\r\u001b[K";

/** Starts the clock that the news tells of. */
export function announceArmed({ head, print, terminal }: AnnounceOptions): ArmedNews {
  const startedMs = Date.now();
  let first: bigint | undefined;
  let toldMs = startedMs;
  let told = "";
  let caughtUp = false;

  function progress(number: bigint): void {
    const done = head > first! ? ((number - first!) * 100n) / (head - first!) : 0n;
    const text = `Reading history: block ${number}, ${done} %`;
    if (text === told) return;
    told = text;
    if (terminal.isTTY === true) terminal.write(`${wipe}${pc.dim(text)}`);
    else if (Date.now() - toldMs >= progressMs) {
      toldMs = Date.now();
      print(text);
    }
  }

  function announce(blocks: bigint): void {
    caughtUp = true;
    if (terminal.isTTY === true) terminal.write(wipe);
    const seconds = ((Date.now() - startedMs) / 1_000).toFixed(1);
    print(pc.green(`Watching. ${countOf(blocks, "block")} of history read in ${seconds} s.`));
  }

  return {
    onStored({ cursor }) {
      if (cursor === undefined || caughtUp) return;
      first ??= cursor.number;
      if (cursor.number >= head) announce(cursor.number - first + 1n);
      else progress(cursor.number);
    },
    begin(number) {
      if (!caughtUp && number > head) announce(0n);
    },
    end() {
      if (!caughtUp && told !== "" && terminal.isTTY === true) terminal.write("\n");
    },
  };
}
