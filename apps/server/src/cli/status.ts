import { canonicalJson } from "@testudo/core/model/canonicalJson";
import type { Command } from "commander";
import { z } from "zod";
import { withStore } from "./openExisting.ts";
import { printLine } from "./printLine.ts";
import { findServer } from "./serverClient.ts";
import { statusLines } from "./statusLines.ts";

const count = z.coerce.number();

/** What GET /status gives, as far as it is shown. What a server does not tell is absent. */
export const statusSchema = z.looseObject({
  running: z.boolean().default(false),
  healthy: z.boolean().optional(),
  reasons: z.array(z.string()).default([]),
  mode: z.string().optional(),
  modeReason: z.string().optional(),
  modeFault: z.string().optional(),
  chainId: count.optional(),
  head: z.looseObject({ number: z.coerce.string(), timestamp: count }).nullable().optional(),
  lagBlocks: count.optional(),
  quorum: count.optional(),
  endpoints: z.array(z.looseObject({ label: z.string(), state: z.string().optional() })).optional(),
  detectors: z.array(z.string()).optional(),
  detectorTroubles: z.array(z.looseObject({ detector: z.string(), what: z.string(), message: z.string() })).default([]),
  frozen: z.record(z.string(), z.string()).default({}),
  incidents: z
    .array(
      z.looseObject({ id: z.string(), state: z.string(), severity: z.string(), subject: z.string(), findings: count }),
    )
    .default([]),
  actions: z.array(z.looseObject({ id: z.string(), state: z.string(), target: z.string(), until: count })).default([]),
  outbox: z.looseObject({ pending: count, dead: count }).optional(),
  deadLetters: z
    .array(z.looseObject({ channel: z.string(), title: z.string(), error: z.string().nullable() }))
    .default([]),
  evidence: z.looseObject({ sequence: count, id: z.string() }).optional(),
});
export type ShownStatus = z.output<typeof statusSchema>;

export function registerStatus(program: Command): void {
  program
    .command("status")
    .description("mode, head, nodes, detectors, incidents, actions, outbox, evidence")
    .option("--json", "print one JSON object")
    .action(async (_, command: Command) => {
      const { data, json } = command.optsWithGlobals<{ data: string; json?: boolean }>();
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
