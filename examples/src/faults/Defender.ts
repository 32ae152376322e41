import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { DefenderLine, DefenderOrder } from "./defender.testkit.ts";

/** The watch in a process of its own, killed and started again over the same data folder. */
export interface Defender {
  /** Number of the last block that is known to be stored. */
  readonly head: number;
  readonly starts: number;
  readonly isUp: boolean;
  /** Told of each line that a running process prints. */
  onLine: (line: DefenderLine) => void;
  /** Resolves when the process watches. */
  start(): Promise<void>;
  /** Ends the process without a word to it. */
  kill(): Promise<void>;
}

// Node 20 runs no TypeScript: the built program is run, which `npm test` has made before.
const program = fileURLToPath(new URL("../../dist/faults/defender.testkit.js", import.meta.url));
const startLimitMs = 60_000;

export function makeDefender(order: DefenderOrder): Defender {
  const orderFile = join(order.dataDir, "..", `defender-${order.apiPort}.json`);
  writeFileSync(orderFile, JSON.stringify(order), { mode: 0o600 });
  let child: ChildProcess | undefined;
  let words = "";
  const self = {
    head: -1,
    starts: 0,
    isUp: false,
    onLine: (_: DefenderLine) => {},
    async start() {
      const own = spawn(process.execPath, [program, orderFile], { stdio: ["ignore", "pipe", "pipe"] });
      child = own;
      self.starts += 1;
      own.stderr.setEncoding("utf8").on("data", (text: string) => {
        words = (words + text).slice(-2_000);
      });
      const ready = new Promise<void>((resolve, reject) => {
        const late = setTimeout(() => reject(new DefenderEnded("did not start in time", words)), startLimitMs);
        own.once("exit", (code, signal) => {
          clearTimeout(late);
          self.isUp = false;
          reject(new DefenderEnded(`ended with ${code ?? signal}`, words));
        });
        createInterface({ input: own.stdout }).on("line", (text) => {
          const line = JSON.parse(text) as DefenderLine;
          if (line.kind === "block") self.head = line.number;
          if (line.kind === "ready") {
            self.isUp = true;
            clearTimeout(late);
            resolve();
          }
          self.onLine(line);
        });
      });
      await ready;
    },
    async kill() {
      const own = child;
      if (own === undefined || own.exitCode !== null || own.signalCode !== null) return;
      const gone = once(own, "exit");
      own.kill("SIGKILL");
      await gone;
      self.isUp = false;
    },
  };
  return self;
}

/** The process is gone though nobody killed it. */
export class DefenderEnded extends Error {
  override readonly name = "DefenderEnded";
  constructor(how: string, words: string) {
    super(`The defender ${how}.\n- It runs until it is killed.\n- Its last words: ${words.trim()}`);
  }
}
