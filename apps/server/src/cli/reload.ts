import type { Command } from "commander";
import { loadLimitMs } from "../config/containCode.ts";
import { optionsOfAsking } from "./flags/dataFolder.ts";
import { findServer } from "./served/serverClient.ts";
import { actorName } from "./terminal/actorName.ts";
import { printLine } from "./terminal/printLine.ts";

// An edit that loops takes all of its time, and the order waits behind the edit that was noticed.
const patienceMs = 3 * loadLimitMs;

/** `testudo reload`: the running watch reads its configuration and rules again, and says what came of it. */
export function registerReload(program: Command): void {
  program
    .command("reload")
    .description("let the running watch read its configuration and rules again")
    .action(async (_, command: Command) => {
      const { data } = await optionsOfAsking<Record<never, never>>(command);
      const server = findServer(data);
      if (server === undefined) throw new NothingToReload(data);
      const reloaded = (await server.post("/reload", { actor: actorName() }, patienceMs)) as {
        readonly state: "applied" | "unchanged";
        readonly changes?: string;
        readonly detectors?: readonly string[];
      };
      if (reloaded.state === "unchanged") printLine("Nothing changed: the detectors are those that run.");
      else {
        printLine(`Taken over: ${reloaded.changes}.`);
        printLine(`Detectors: ${reloaded.detectors?.join(", ")}`);
      }
    });
}

/** There is no watch that could read anything. */
export class NothingToReload extends Error {
  override readonly name = "NothingToReload";
  constructor(data: string) {
    super(
      `Nothing was reloaded: no server runs on "${data}".\n` +
        "- A start reads the files anyway.\n" +
        "- Give the folder of the server with --data (`dataDir` of its configuration).",
    );
  }
}
