// What a first start reads of the past, and who is told of it, seen at a webhook.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Anvil, startAnvil } from "@testudo/chain/fork/startAnvil";
import type { Notice } from "@testudo/core/model/Notice";
import { AbiEvent } from "ox";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openReceiver, type Receiver, secretA } from "../deliver/receiver.testkit.ts";
import { openWatches, type Running, type Watches } from "./watchProcess.testkit.ts";

const vault = `0x${"5a".repeat(20)}`;
const event = "event Withdraw(uint256 amount)";
// Emits its calldata as the event's data.
const code = `0x365f5f377f${AbiEvent.getSelector(AbiEvent.from(event)).slice(2)}365fa100`;

let anvil: Anvil;
let watches: Watches;
let receiver: Receiver;

beforeEach(async () => {
  anvil = await startAnvil({ timestamp: 1_700_000_000 });
  receiver = await openReceiver(secretA);
  watches = openWatches();
  await ask("anvil_setCode", vault, code);
  const config = `import { defineConfig, defineDetector } from "testudo";
const big = defineDetector({
  id: "big", version: "1.0.0", kind: "anomaly", runbook: "RUNBOOK.md", owner: "risk",
  contracts: { Vault: { abi: ["${event}"] } },
  setup(app) {
    app.on("Vault:Withdraw", (c) => {
      const { amount } = c.event.args;
      if (amount > 10n) c.finding({ severity: "high", key: [String(amount)], reason: "Withdrew " + amount, evidence: {} });
    });
  },
});
export default defineConfig({
  rpc: ["${anvil.url}"], protect: ["${vault}"], detectors: [big], dataDir: "data", pollMs: 100,
});`;
  writeFileSync(join(watches.folder, "testudo.config.ts"), config);
  // The newest block is news: the last one here is none.
  for (const amount of [11n, 12n, 5n]) await withdraw(amount);
});
afterEach(async () => {
  await watches.close();
  await receiver.close();
  await anvil.stop();
});

async function ask(method: string, ...params: unknown[]): Promise<unknown> {
  const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
  const answer = await fetch(anvil.url, { method: "POST", headers: { "content-type": "application/json" }, body });
  return ((await answer.json()) as { result: unknown }).result;
}

async function withdraw(amount: bigint): Promise<void> {
  const [from] = (await ask("eth_accounts")) as string[];
  await ask("eth_sendTransaction", { from, to: vault, data: `0x${amount.toString(16).padStart(64, "0")}` });
}

async function startWatch(...more: string[]): Promise<Running> {
  const args = ["watch", "--config", "testudo.config.ts", "--webhook", receiver.url, "--port", "0", ...more];
  const watch = watches.start(args, { TESTUDO_WEBHOOK_SECRET: secretA });
  await watch.until(/^Watching\./m);
  return watch;
}

/** What the receiver was told of the rule, each id once. */
function told(): readonly string[] {
  const seen = new Map(receiver.requests.map(({ id, body }) => [id, (JSON.parse(body) as { data: Notice }).data]));
  return [...seen.values()]
    .filter(({ detector }) => detector === "big")
    .map(({ title, transition, phase = "live" }) => `${phase} ${transition}: ${title}`);
}

const expectTold = (expected: readonly string[]) => expect.poll(told, { timeout: 120_000 }).toEqual(expected);

test("DET-09: history is delivered with --deliver-history alone, marked as such, once over restarts", async () => {
  const first = await startWatch("--deliver-history");
  const history = ["history raised: From history: Withdrew 11", "history raised: From history: Withdrew 12"];
  await expectTold(history);
  await withdraw(13n);
  await expectTold([...history, "live raised: Withdrew 13"]);
  first.kill("SIGKILL");
  await first.ended;
  await withdraw(14n);
  const second = await startWatch();
  await expectTold([...history, "live raised: Withdrew 13", "live raised: Withdrew 14"]);
  second.kill("SIGTERM");
  expect(await second.ended).toBe(0);
});

test("DET-09: without the flag history is stored and not delivered, and a later start with it tells nothing again", async () => {
  const first = await startWatch();
  await withdraw(13n);
  await expectTold(["live raised: Withdrew 13"]);
  const [, api] = await first.until(/^Health (\S+)\/healthz/m);
  const { findings } = (await (await fetch(`${api}/findings?limit=100`)).json()) as {
    findings: { finding: { reason: string; phase: string } }[];
  };
  expect(findings.map(({ finding }) => `${finding.phase} ${finding.reason}`)).toEqual([
    "live Withdrew 13",
    "history Withdrew 12",
    "history Withdrew 11",
  ]);
  first.kill("SIGTERM");
  expect(await first.ended).toBe(0);
  const second = await startWatch("--deliver-history");
  expect(second.err()).toContain("What that run read is not told again.");
  await withdraw(14n);
  await expectTold(["live raised: Withdrew 13", "live raised: Withdrew 14"]);
});
