import { spawn } from "node:child_process";

/** How a run ended; "late": it was ended because its time was over. */
export type Ending = number | "late";

/**
 * Runs node with `args` in a process of its own, beside this one's input and outputs, for at most `limitMs`. Only from outside can
 * what loops, or waits in a read that never returns, be ended. It goes with this process when that is told to stop.
 */
export function runApart(args: readonly string[], env: NodeJS.ProcessEnv, limitMs: number): Promise<Ending> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { stdio: "inherit", env });
    let isLate = false;
    const end = () => void child.kill("SIGKILL");
    const timer = setTimeout(() => {
      isLate = true;
      end();
    }, limitMs);
    const stops = (["SIGINT", "SIGTERM", "SIGHUP"] as const).map((signal) => [signal, end] as const);
    for (const [signal, stop] of stops) process.once(signal, stop);
    const settle = () => {
      clearTimeout(timer);
      for (const [signal, stop] of stops) process.off(signal, stop);
    };
    child.once("error", (error) => {
      settle();
      reject(error);
    });
    child.once("exit", (code) => {
      settle();
      // Ended by a signal is not ended well.
      resolve(isLate ? "late" : (code ?? 1));
    });
  });
}
