import type { Worker } from "node:worker_threads";

/** How long a thread is waited for, in milliseconds. One that can be ended is gone within a few. */
const waitMs = 5_000;

const stuck = new Set<Worker>();

/**
 * Ends `worker`, and is over when it has ended, or after five seconds. Not every thread can be ended: not one within a call
 * of the system that does not return, nor, on Node 24, within a loop that allocates arrays and does nothing else. Such a one is
 * let go: it keeps the process no longer, and whoever waited goes on.
 */
export async function endThread(worker: Worker): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(() => {
      letGo(worker);
      resolve();
    }, waitMs);
    // The thread itself keeps the process meanwhile.
    timer.unref();
  });
  await Promise.race([worker.terminate(), late]);
  clearTimeout(timer);
}

function letGo(worker: Worker): void {
  worker.unref();
  if (stuck.size === 0) process.on("exit", endHard);
  stuck.add(worker);
  worker.once("exit", () => {
    stuck.delete(worker);
    if (stuck.size === 0) process.off("exit", endHard);
  });
}

/** Node waits for its threads when it ends, and for such a one for ever: nobody would start the process again. */
function endHard(): void {
  process.kill(process.pid, "SIGKILL");
}
