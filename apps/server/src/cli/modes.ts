import { userInfo } from "node:os";
import type { Command } from "commander";
import { arm } from "../operator/arm.ts";
import { readServerFile } from "../operator/serverFile.ts";
import { readSwitch, writeSwitch } from "../operator/switch.ts";
import { printLine } from "./printLine.ts";

interface ModeOptions {
  readonly data: string;
  readonly reason: string;
}

/** `arm`, `disarm` and `kill`. They write a file, so that they work whatever state the server is in. */
export function registerModes(program: Command): void {
  const add = (name: string, description: string, act: (options: ModeOptions) => void) =>
    program
      .command(name)
      .description(description)
      .option("--reason <text>", "why, for the record", "not given")
      .action((_, command: Command) => act(command.optsWithGlobals<ModeOptions>()));
  add("arm", "allow sending of pauses that guardians signed (needs a drill of the last 30 days)", armHere);
  add("disarm", "back to shadow: propose and simulate, send nothing", (options) => setMode(options, "shadow"));
  add("kill", "stop all sending and proposing within a second; watching goes on", (options) =>
    setMode(options, "killed"),
  );
}

function armHere({ data, reason }: ModeOptions): void {
  const { passedAt } = arm(data, { actor: actorName(), reason, now: new Date() });
  printLine(`Armed. The drill of ${passedAt} vouches for it.`);
  printServer(data);
}

function setMode({ data, reason }: ModeOptions, mode: "shadow" | "killed"): void {
  const before = readSwitch(data);
  writeSwitch(data, { mode, actor: actorName(), reason, at: new Date().toISOString() });
  printLine(`Mode is ${mode}; it was ${before.mode}.`);
  printServer(data);
}

function printServer(data: string): void {
  const server = readServerFile(data);
  printLine(
    server === undefined
      ? `No server runs on "${data}"; the next one starts in this mode.`
      : `The server (process ${server.pid}) takes it over within half a second.`,
  );
}

/** Who gives an order: the account's name, for the record. */
export function actorName(): string {
  try {
    return userInfo().username;
  } catch {
    // Containers run under numbers that have no name.
    return `uid ${process.getuid?.() ?? "unknown"}`;
  }
}
