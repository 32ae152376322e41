import { existsSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { countOf } from "@testudo/core/model/countOf";
import type { Command } from "commander";
import { z } from "zod";
import { UsageError } from "../config/UsageError.ts";
import { newThread } from "../deliver/Channel.ts";
import { escapeLine } from "../deliver/escapeText.ts";
import { configName, optionsOf } from "./flags/dataFolder.ts";
import { withStore } from "./served/openExisting.ts";
import { findServer, type ServerClient } from "./served/serverClient.ts";
import { AnsweredNo } from "./terminal/AnsweredNo.ts";
import { printLine } from "./terminal/printLine.ts";
import { channelLine, letterText } from "./terminal/statusLines.ts";

const channelSchema = z.looseObject({
  name: z.string(),
  receipt: z.object({ at: z.number(), notice: z.string(), said: z.string() }).nullable(),
  isStale: z.boolean(),
  pending: z.number(),
  dead: z.number(),
  lastError: z.string().nullable(),
  // A server of before these were told does not tell them.
  deadLetters: z
    .array(
      z.looseObject({
        title: z.string(),
        error: z.string().nullable(),
        diedAt: z.number().nullable(),
      }),
    )
    .default([]),
});
type Shown = z.output<typeof channelSchema>;

export function registerChannels(program: Command): void {
  const channels = program
    .command("channels")
    .description("ways to people: when each was last shown to work, and what it has given up")
    .option("--json", "print one JSON object")
    .action(async (_, command: Command) => {
      const { data, json } = await optionsOf<{ json?: boolean }>(command);
      await list(data, json === true);
    });
  channels
    .command("test")
    .description("send a message that means nothing, and wait until it has arrived")
    .argument("[name]", "one channel; all without")
    .option("--config <file>", "where no server runs: the configuration that has the channels", configName)
    .action(async (name: string | undefined, _, command: Command) => {
      const { data, config } = await optionsOf<{ config: string }>(command);
      const server = findServer(data);
      const failed = await (server === undefined ? testHere(config, name) : testAtServer(server, name));
      if (failed.length > 0) throw new AnsweredNo();
    });
  channels
    .command("requeue")
    .description("try again what a channel has given up")
    .argument("<name>", "the channel")
    .action(async (name: string, _, command: Command) => requeue((await optionsOf(command)).data, name));
}

async function list(data: string, isJson: boolean): Promise<void> {
  const server = findServer(data);
  const shown = await (server === undefined
    ? withStore(data, async (store) => (await import("../store/channelViews.ts")).listChannels(store))
    : channelsAt(server));
  if (isJson) return printLine(JSON.stringify({ channels: shown }));
  for (const channel of shown) {
    const { pending, dead, deadLetters } = channel;
    printLine(channelLine(channel, Date.now() / 1_000));
    printLine(`  ${pending} pending, ${dead} dead letters${dead === 0 ? "" : ":"}`);
    for (const letter of deadLetters) printLine(`    ${letterText(letter)}`);
    if (dead > deadLetters.length) printLine(`    and ${dead - deadLetters.length} more`);
  }
}

async function requeue(data: string, name: string): Promise<void> {
  const server = findServer(data);
  const { requeued } = await (server === undefined
    ? withStore(data, async (store) => ({
        requeued: await (await import("../store/outbox.ts")).requeueDead(store, name),
      }))
    : (server.post(`/channels/${name}/requeue`, {}) as Promise<{ requeued: number }>));
  printLine(`${countOf(requeued, "notice")} of channel ${name} ${requeued === 1 ? "waits" : "wait"} again.`);
}

async function channelsAt(server: ServerClient): Promise<readonly Shown[]> {
  return z.object({ channels: z.array(channelSchema) }).parse(await server.get("/channels")).channels;
}

// A mail server with greylisting takes longer: then the receipt comes by itself, and `testudo channels` shows it.
const waitMs = 30_000;

/** Sends tests through the outbox of the running server; returns the names of those that did not arrive in time. */
async function testAtServer(server: ServerClient, name: string | undefined): Promise<readonly string[]> {
  const names = chosen(
    (await channelsAt(server)).map((channel) => channel.name),
    name,
  );
  const waiting = new Map<string, string>();
  for (const each of names) {
    const { notice } = (await server.post(`/channels/${each}/test`, {})) as { notice: string };
    waiting.set(each, notice);
  }
  let now: readonly Shown[] = [];
  for (const end = Date.now() + waitMs; waiting.size > 0 && Date.now() < end; await setTimeout(250)) {
    now = await channelsAt(server);
    for (const { name: each, receipt } of now)
      if (receipt !== null && receipt.notice === waiting.get(each)) {
        printLine(`${each}: arrived (${escapeLine(receipt.said)})`);
        waiting.delete(each);
      }
  }
  for (const each of waiting.keys()) {
    const error = now.find((channel) => channel.name === each)?.lastError;
    printLine(`${each}: NOT arrived after ${waitMs / 1_000} s${error ? `: ${escapeLine(error)}` : ""}`);
  }
  return [...waiting.keys()];
}

/** Without a server: straight through the channels of the configuration. No receipt is kept, for there may be no store yet. */
async function testHere(config: string, name: string | undefined): Promise<readonly string[]> {
  if (!existsSync(config))
    throw new UsageError(
      `No server runs, and "${config}" is not there.`,
      "Allowed: a test through a running server, or of a configuration's channels.",
      "Start `testudo watch`, or give --config FILE.",
    );
  const { loadConfig } = await import("../config/loadConfig.ts");
  const { channelOf } = await import("./flags/channelOf.ts");
  const { testNotice } = await import("../jobs/timed/testChannels.ts");
  const settings = await loadConfig(config);
  const names = chosen(
    settings.channels.map((channel) => channel.name),
    name,
  );
  const failed: string[] = [];
  for (const channel of settings.channels.filter((each) => names.includes(each.name)).map(channelOf))
    try {
      const notice = testNotice(channel.name, settings.chainId ?? 0, Date.now());
      const receipt = await channel.deliver(notice, AbortSignal.timeout(waitMs), newThread);
      printLine(`${channel.name}: arrived (${escapeLine(receipt?.said ?? "taken")})`);
    } catch (error) {
      failed.push(channel.name);
      printLine(`${channel.name}: NOT arrived: ${escapeLine(error instanceof Error ? error.message : String(error))}`);
    }
  return failed;
}

function chosen(names: readonly string[], name: string | undefined): readonly string[] {
  if (name === undefined) return names;
  if (names.includes(name)) return [name];
  throw new UsageError(
    `There is no channel "${name}".`,
    `Allowed: ${names.join(", ") || "none is configured"}.`,
    "`testudo channels` lists them.",
  );
}
