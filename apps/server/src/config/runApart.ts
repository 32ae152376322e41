import { type ChildProcess, fork } from "node:child_process";
import type { Mistake } from "./ConfigError.ts";
import { loadRule } from "./containCode.ts";
import type { Told } from "./tellApart.ts";

/** What came of work in a process of its own. "ended": the process did, without a word. "stopped": this one was told to stop. */
export type Apart<R> =
  | Told<R>
  | { readonly kind: "late"; readonly limitMs: number }
  | { readonly kind: "ended" }
  | { readonly kind: "stopped" };

/**
 * What the built `script` tells (`tellApart`) of work on `args`, which is done in a process of its own for at most `limitMs`. Only from
 * outside can what loops, or waits in a read that never returns, be ended. What it prints goes to standard error.
 */
export function runApart<R>(script: URL, args: readonly string[], limitMs: number): Promise<Apart<R>> {
  return new Promise((resolve, reject) => {
    const child = fork(script, args, { stdio: ["inherit", 2, 2, "ipc"] });
    let apart: Apart<R> = { kind: "ended" };
    const end = (as: Apart<R>) => {
      apart = as;
      child.kill("SIGKILL");
    };
    const timer = setTimeout(() => end({ kind: "late", limitMs }), limitMs);
    const letGo = endWithThis(child, () => end({ kind: "stopped" }));
    const settle = (act: () => void) => {
      clearTimeout(timer);
      letGo();
      act();
    };
    // A file may leave something running.
    child.once("message", (told) => end(told as Told<R>));
    child.once("error", (error) => settle(() => reject(error)));
    child.once("exit", () => settle(() => resolve(apart)));
  });
}

/** What is wrong with a file that was read apart, and of which nothing was told. */
export function mistakeOfSilence(file: string, apart: Exclude<Apart<unknown>, Told<unknown>>): Mistake {
  return {
    place: { file },
    what: silenceOf(apart),
    allowed: loadRule,
    wayOut: "Take out what loops, waits or ends the program.",
  };
}

/** What is to say of a file, after its name, that was read apart and of which nothing was told. */
export function silenceOf(apart: Exclude<Apart<unknown>, Told<unknown>>): string {
  switch (apart.kind) {
    case "late":
      return `did not come to its end within ${apart.limitMs / 1_000} s: it waits for something, or loops.`;
    case "ended":
      return "ended the program that read it.";
    case "stopped":
      return "was not read to its end: this program was told to stop.";
    default:
      return never(apart);
  }
}

function never(apart: never): never {
  throw new TypeError(`Unknown end ${JSON.stringify(apart)}.`);
}

/** Lets the child go with this process when that ends or is told to stop. Returns what takes it back. */
function endWithThis(child: ChildProcess, stop: () => void): () => void {
  const signals = (["SIGINT", "SIGTERM", "SIGHUP"] as const).filter(
    // To a watch a hang-up is an order to read its files.
    (signal) => signal !== "SIGHUP" || process.listenerCount(signal) === 0,
  );
  const onExit = () => void child.kill("SIGKILL");
  process.once("exit", onExit);
  for (const signal of signals) process.once(signal, stop);
  return () => {
    process.off("exit", onExit);
    for (const signal of signals) process.off(signal, stop);
  };
}
