import { spawn } from "node:child_process";
import { canonicalJson } from "@testudo/core/model/canonicalJson";
import type { Severity } from "@testudo/core/model/Finding";
import type { Notice } from "@testudo/core/model/Notice";
import { type Channel, DeliveryError, NoticeRefusedError, type Receipt, type Thread } from "./Channel.ts";
import { escapeLine } from "./escapeText.ts";
import { hideSecrets } from "./hideSecrets.ts";
import type { Rules } from "./Rules.ts";

/** Settings of a script. */
export interface ScriptOptions {
  readonly name: string;
  /** The program's path and its arguments; no shell reads them. */
  readonly command: readonly [file: string, ...args: string[]];
  /** Names of the environment variables that it gets; PATH, HOME, LANG and TZ always. */
  readonly env?: readonly string[];
  /** Where it runs; default: the folder of the watch. */
  readonly cwd?: string | undefined;
  /** Default 30 s. It is killed then, with what it has started. */
  readonly timeoutMs?: number;
  readonly minSeverity?: Severity;
  readonly rules?: Rules | undefined;
}

/** What of its output is kept, in bytes. */
const outputLimit = 4_096;
/** `EX_DATAERR`: it will never take this notice. */
const refusedCode = 65;

/**
 * A channel that runs a program for each notice. On its standard input it gets one line of JSON, `{type, data, thread, again}`:
 * a webhook's body, what it called the thread before, and whether an attempt was begun before. Exit code 0: taken; the first line
 * that it prints is its name of the thread. 65: it will never take this notice. Anything else, and a time limit: asked again.
 */
export function scriptChannel(options: ScriptOptions): Channel {
  const { name, minSeverity = "info", rules } = options;
  const deliver = async (notice: Notice, signal: AbortSignal, thread: Thread): Promise<Receipt> => {
    const type = `testudo.${notice.topic}.${notice.transition}.v1`;
    const input = canonicalJson({ type, data: notice, thread: thread.root, again: thread.again });
    const { code, killed, output, errors } = await runScript(options, `${input}\n`, signal);
    const [line = ""] = output.split("\n", 1);
    const root = escapeLine(line.trim(), 200);
    if (code === 0) return { ...(root === "" ? {} : { root }), said: root === "" ? "exit code 0" : root };
    const why = killed ?? `ended with ${code}`;
    const tail = escapeLine(hideSecrets(errors, valuesOf(options)).trim(), 200);
    const what = `Script "${options.command[0]}" ${why}${tail === "" ? "" : `: ${tail}`}`;
    if (code === refusedCode) throw new NoticeRefusedError(what);
    throw new DeliveryError(what);
  };
  return { name, minSeverity, ...(rules ? { rules } : {}), deliver };
}

interface Ran {
  readonly code: number | null;
  /** Why it did not end by itself. */
  readonly killed: string | undefined;
  readonly output: string;
  readonly errors: string;
}

function runScript(options: ScriptOptions, input: string, signal: AbortSignal): Promise<Ran> {
  const [file, ...args] = options.command;
  const { timeoutMs = 30_000, cwd } = options;
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    // A group of its own, so that what it has started ends with it.
    const child = spawn(file, args, { cwd, env: environmentOf(options), detached: true, stdio: "pipe" });
    let killed: string | undefined;
    const kill = (why: string) => {
      killed ??= why;
      endGroup(child.pid);
      // What it has started in a group of its own lives on and may hold these: whoever waits for their end would wait as long.
      child.stdout.destroy();
      child.stderr.destroy();
    };
    const timer = setTimeout(() => kill(`took longer than ${timeoutMs / 1_000} s and was killed`), timeoutMs);
    const stop = () => kill("was stopped");
    signal.addEventListener("abort", stop, { once: true });
    const [output, errors] = [gather(child.stdout), gather(child.stderr)];
    const settle = (end: () => void) => {
      clearTimeout(timer);
      signal.removeEventListener("abort", stop);
      end();
    };
    child.once("error", (cause: NodeJS.ErrnoException) =>
      settle(() =>
        reject(new DeliveryError(`Script "${file}" does not start: ${cause.code}`, { cause, needsPerson: true })),
      ),
    );
    child.once("close", (code) => settle(() => resolve({ code, killed, output: output(), errors: errors() })));
    // It may end without reading.
    child.stdin.on("error", () => {});
    child.stdin.end(input);
  });
}

function endGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // It has ended by itself.
  }
}

/** Keeps the beginning of what comes, and lets the rest pass, so that the program is not held up. */
function gather(stream: NodeJS.ReadableStream): () => string {
  const chunks: Buffer[] = [];
  let bytes = 0;
  stream.on("data", (chunk: Buffer) => {
    if (bytes < outputLimit) chunks.push(chunk);
    bytes += chunk.length;
  });
  return () => Buffer.concat(chunks).subarray(0, outputLimit).toString("utf8");
}

const always = ["PATH", "HOME", "LANG", "TZ"];

function environmentOf({ env = [] }: ScriptOptions): NodeJS.ProcessEnv {
  const names = [...always, ...env].filter((name) => process.env[name] !== undefined);
  return Object.fromEntries(names.map((name) => [name, process.env[name]]));
}

function valuesOf({ env = [] }: ScriptOptions): readonly string[] {
  return env.flatMap((name) => process.env[name] ?? []);
}
