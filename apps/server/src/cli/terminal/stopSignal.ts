import { setMaxListeners } from "node:events";
import { constants } from "node:os";

/** What a command ends with that was stopped in the middle, as the shell has it for a Ctrl-C. */
export const interruptedCode = 130;

const stop = new AbortController();
// Each channel and each source listens once; that is no leak, however many there are.
setMaxListeners(0, stop.signal);

// One Ctrl-C may come twice: from the terminal and from `npm start`, which passes it on.
const sameWithinMs = 500;

/**
 * Fires at the first Ctrl-C or SIGTERM, for an orderly end. The next one ends the process at once, with 128 and the
 * signal's number; nodes that were started end with it.
 */
export function stopSignal(): AbortSignal {
  let firstMs = 0;
  for (const signal of ["SIGINT", "SIGTERM"] as const)
    process.on(signal, () => {
      if (!stop.signal.aborted) firstMs = Date.now();
      else if (Date.now() - firstMs > sameWithinMs) process.exit(128 + constants.signals[signal]);
      stop.abort();
    });
  return stop.signal;
}

/**
 * Ends the process now if it was told to stop, with the exit code that is set. For when everything is closed: a question
 * to a node that has gone would hold the process for its whole time limit.
 */
export function leaveIfStopped(): void {
  if (stop.signal.aborted) process.exit();
}
