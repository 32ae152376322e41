import type { Command } from "commander";
import { arm } from "../operator/arm.ts";
import { readServerFile } from "../operator/serverFile.ts";
import { readSwitch, writeSwitch } from "../operator/switch.ts";
import { optionsOf } from "./flags/dataFolder.ts";
import { hasStore } from "./served/openExisting.ts";
import { actorName } from "./terminal/actorName.ts";
import { printLine } from "./terminal/printLine.ts";

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
      .action(async (_, command: Command) => act(await optionsOf<Omit<ModeOptions, "data">>(command)));
  add("arm", "allow sending of pauses that guardians signed (needs a drill of the last 30 days)", armHere);
  add("disarm", "back to shadow: propose and simulate, send nothing", (options) => setMode(options, "shadow"));
  add("kill", "stop all sending and proposing within a second; watching goes on", killHere);
}

function armHere({ data, reason }: ModeOptions): void {
  const { passedAt } = arm(data, { actor: actorName(), reason, now: new Date() });
  printLine(`Armed. The drill of ${passedAt} vouches for it.`);
  printServer(data);
}

// Whoever presses the switch of the wrong folder believes that everything stands still.
function killHere(options: ModeOptions): void {
  const { data } = options;
  const isThere = readServerFile(data) !== undefined || hasStore(data);
  setMode(options, "killed");
  if (!isThere) throw new NothingKilled(data);
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

/** The switch is set where nothing runs and nothing ever ran. */
export class NothingKilled extends Error {
  override readonly name = "NothingKilled";
  constructor(data: string) {
    super(
      `Nothing was stopped: there is neither a server nor a store in "${data}".\n` +
        "- The switch of that folder is set; a server on another folder goes on.\n" +
        "- Give the folder of the server with --data (`dataDir` of its configuration).",
    );
  }
}
