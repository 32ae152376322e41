import { readFileSync } from "node:fs";

const pollMs = 500;

/**
 * Calls `onChange` when the text of one of `files()` has changed and stood still for half a second, until `signal` fires:
 * editors write in steps. It looks at the content, for notifications get lost on network and overlay folders.
 */
export function watchFiles(files: () => readonly string[], onChange: () => void, signal: AbortSignal): void {
  let known = textOf(files());
  let seen = known;
  const look = () => {
    const now = textOf(files());
    const isStill = now === seen;
    seen = now;
    if (now === known || !isStill) return;
    known = now;
    onChange();
  };
  const timer = setInterval(look, pollMs);
  timer.unref();
  signal.addEventListener("abort", () => clearInterval(timer), { once: true });
}

function textOf(files: readonly string[]): string {
  return JSON.stringify(files.map(readOrNothing));
}

function readOrNothing(file: string): string | null {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return null;
  }
}
