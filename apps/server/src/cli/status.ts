import { canonicalJson } from "@testudo/core/model/canonicalJson";
import type { Command } from "commander";
import { optionsOfAsking } from "./flags/dataFolder.ts";
import { withStore } from "./served/openExisting.ts";
import { findServer } from "./served/serverClient.ts";
import { printLine } from "./terminal/printLine.ts";
import { statusLines } from "./terminal/statusLines.ts";
import { statusSchema } from "./terminal/statusSchema.ts";

export function registerStatus(program: Command): void {
  program
    .command("status")
    .description("mode, head, nodes, detectors, incidents, actions, outbox, evidence")
    .option("--json", "print one JSON object")
    .action(async (_, command: Command) => {
      const { data, json } = await optionsOfAsking<{ json?: boolean }>(command);
      const status = await getStatus(data);
      if (json) printLine(JSON.stringify(status));
      else for (const line of statusLines(statusSchema.parse(status), Date.now() / 1_000)) printLine(line);
    });
}

/** The running server's status, else what the store tells; `running` says which. Numbers beyond 2^53 are strings. */
async function getStatus(data: string): Promise<Record<string, unknown>> {
  const server = findServer(data);
  if (server !== undefined) {
    const status = (await server.get("/status")) as Record<string, unknown>;
    const evidence = status.evidence ?? (await server.get("/evidence/head"));
    return { running: true, url: server.url, ...status, evidence };
  }
  const { readStatus } = await import("../operator/readStatus.ts");
  const stored = await withStore(data, (store) => readStatus(store, data));
  return { running: false, ...(JSON.parse(canonicalJson(stored)) as object) };
}
