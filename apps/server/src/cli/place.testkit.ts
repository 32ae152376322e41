// The command line as a person runs it: the built program in a process of its own, in an empty folder.
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const bin = fileURLToPath(new URL("../../bin/testudo.js", import.meta.url));

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** An empty folder and what runs the program in it, without colours and without a terminal. */
export interface Place {
  readonly folder: string;
  readonly run: (...args: readonly string[]) => Promise<Ran>;
  readonly runWith: (env: Record<string, string>, ...args: readonly string[]) => Promise<Ran>;
  readonly remove: () => void;
}

export function openPlace(): Place {
  const folder = mkdtempSync(join(tmpdir(), "testudo-cli-"));
  const runWith = (more: Record<string, string>, ...args: readonly string[]): Promise<Ran> => {
    const { DEBUG: _, FORCE_COLOR: __, ...inherited } = process.env;
    const env = { ...inherited, NO_COLOR: "1", ...more };
    return new Promise((resolve) => {
      const child = execFile(process.execPath, [bin, ...args], { cwd: folder, env }, (error, out, err) =>
        resolve({ code: error === null ? 0 : Number(error.code), out, err }),
      );
      child.stdin?.end();
    });
  };
  return {
    folder,
    run: (...args) => runWith({}, ...args),
    runWith,
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
