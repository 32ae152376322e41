import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

// From the build too: bin/ is not copied into it.
const bin = fileURLToPath(new URL("../../bin/testudo.js", import.meta.url));

/** The program as a process of its own, with what it has said so far. */
export interface Running {
  readonly pid: number;
  readonly out: () => string;
  readonly err: () => string;
  /** Resolves with the match when `pattern` stands in its output; rejects with all output after `ms` or at its end. */
  until(pattern: RegExp, ms?: number): Promise<RegExpExecArray>;
  kill(signal: NodeJS.Signals): void;
  /** Its exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>;
}

/** A folder, the programs that were started in it, and the end of all of them. */
export interface Watches {
  readonly folder: string;
  start(args: readonly string[], env?: Readonly<Record<string, string>>): Running;
  close(): Promise<void>;
}

/** Opens an empty folder to start the program in: without colours. */
export function openWatches(): Watches {
  const folder = mkdtempSync(join(tmpdir(), "testudo-watch-"));
  const children: { readonly child: ChildProcess; readonly ended: Promise<unknown> }[] = [];
  return {
    folder,
    start(args, env = {}) {
      const { DEBUG: _, FORCE_COLOR: __, TESTUDO_WEBHOOK_SECRET: ___, ...inherited } = process.env;
      const child = spawn(process.execPath, [bin, ...args], {
        cwd: folder,
        env: { ...inherited, NO_COLOR: "1", ...env },
        stdio: ["ignore", "pipe", "pipe"],
      });
      const running = follow(child);
      children.push({ child, ended: running.ended });
      return running;
    },
    async close() {
      for (const { child } of children) child.kill("SIGKILL");
      await Promise.all(children.map(({ ended }) => ended));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function follow(child: ChildProcess): Running {
  let out = "";
  let err = "";
  const listeners = new Set<() => void>();
  const tell = () => {
    for (const listener of listeners) listener();
  };
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    out += text;
    tell();
  });
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    err += text;
    tell();
  });
  let isOver = false;
  const ended = new Promise<number | NodeJS.Signals>((resolve) =>
    child.once("close", (code, signal) => {
      isOver = true;
      resolve(code ?? signal ?? "SIGKILL");
      tell();
    }),
  );
  const until = (pattern: RegExp, ms = 150_000) =>
    new Promise<RegExpExecArray>((resolve, reject) => {
      const settle = (act: () => void) => {
        clearTimeout(timer);
        listeners.delete(look);
        act();
      };
      const look = () => {
        const match = pattern.exec(out) ?? pattern.exec(err);
        if (match !== null) settle(() => resolve(match));
        else if (isOver) settle(() => reject(new NeverSaid(pattern, "before it ended", out, err)));
      };
      const timer = setTimeout(() => settle(() => reject(new NeverSaid(pattern, `within ${ms} ms`, out, err))), ms);
      listeners.add(look);
      look();
    });
  return { pid: child.pid!, out: () => out, err: () => err, until, kill: (signal) => void child.kill(signal), ended };
}

class NeverSaid extends Error {
  override readonly name = "NeverSaid";
  constructor(pattern: RegExp, when: string, out: string, err: string) {
    super(`The program did not say ${pattern} ${when}.\n--- stdout\n${out}\n--- stderr\n${err}`);
  }
}
