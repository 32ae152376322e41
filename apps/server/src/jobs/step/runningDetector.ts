// Judging is synchronous: at most one detector runs in a thread, of whatever program.
import type { Program } from "@testudo/core/model/Program";

let running: string | undefined;

/** The detector that runs now in this thread, for `guardDeterminism`. */
export function runningDetector(): string | undefined {
  return running;
}

/** What core calls with the index of the detector of `program` that runs next, -1 for none. */
export function noteRunning({ detectors }: Program): (index: number) => void {
  return (index) => {
    running = detectors[index]?.meta.id;
  };
}
