// The main promise, from end to end: a recorded protocol on a real node, `testudo watch --protect` as a process of its
// own without any configuration, the real attack, and the alert on the terminal and at a signed webhook.

import { openWatches, type Running, type Watches } from "testudo/cli/watchProcess.testkit";
import type { Hex } from "viem";
import { afterEach, describe, expect, test } from "vitest";
import { whyNoData } from "./dataFolder.ts";
import { type IncidentSlug, incidents } from "./incidents.ts";
import { type AttackReceipt, type PreparedIncident, prepareIncident } from "./runIncident.ts";
import { openWebhookReceiver, type WebhookReceiver } from "./webhookReceiver.testkit.ts";

// EIP-1967: implementation, admin, beacon; EIP-1822.
const proxySlots: readonly string[] = [
  "0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc",
  "0xb53127684a568b3173ae13b9f8a6016e243e63b6e8ee1178d6a717850b5d6103",
  "0xa3f0ad74e5423aebfd80d3ef4346578335a9a72aeaee59ff6cb3582b35133d50",
  "0xc5f16f0fcc639fa48a6947836d9850f504798523bf8c9a3a87d5876cf622bcf7",
];

const required: readonly IncidentSlug[] = ["predyfinance", "radiantcapital", "woofi"];
const slugs = incidents.map(({ slug }) => slug).filter((slug) => slug !== "seneca");

let prepared: PreparedIncident;
let receiver: WebhookReceiver;
let watches: Watches;
afterEach(async () => {
  await watches?.close();
  await receiver?.close();
  await prepared?.close();
});

if (whyNoData) test("watching incidents needs recorded data", (context) => context.skip(whyNoData));

describe.skipIf(whyNoData)("watch --protect, zero configuration", () => {
  test.each(slugs)("alerts to %s in the attack's own block", async (slug) => {
    const watch = await open(slug);
    await watch.until(/^Watching\. 256 blocks of history/m);
    await prepared.deploy();
    await idle(watch);
    await expectAlert(watch, await prepared.attack());
    await expectNothingUnrecorded();
    if (required.includes(slug)) await expectCleanEnd(watch);
  });

  test("error: the victim of seneca is a person's account, no contract", async () => {
    const watch = await open("seneca");
    expect(await watch.ended).toBe(1);
    expect(watch.err()).toContain("is no contract: it has no code at the head.");
  });

  test.each(required)("alerts to %s when the attacker's contract stood before the watch began", async (slug) => {
    const watch = await open(slug, () => prepared.deploy());
    await watch.until(/^Watching\. 256 blocks of history/m);
    await expectAlert(watch, await prepared.attack());
  });
});

/** Prepares `slug`, runs `before`, and starts a watch. */
async function open(slug: IncidentSlug, before: () => Promise<void> = async () => {}): Promise<Running> {
  prepared = await prepareIncident(slug);
  await before();
  receiver = await openWebhookReceiver();
  watches = openWatches();
  const protect = prepared.protect.join(",");
  const args = ["watch", "--rpc", prepared.rpcUrl, "--protect", protect, "--webhook", receiver.url, "--port", "0"];
  return watches.start(args, { TESTUDO_WEBHOOK_SECRET: receiver.secret });
}

// An anvil that forks answers one thing at a time or stops for good, so that a step waits for the watch to be idle.
async function idle(watch: Running): Promise<void> {
  const [, url] = await watch.until(/^Health (\S+)\/healthz/m);
  const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "eth_blockNumber", params: [] });
  const headers = { "content-type": "application/json" };
  const answer = await fetch(prepared.rpcUrl, { method: "POST", headers, body });
  const head = BigInt(((await answer.json()) as { result: string }).result);
  for (;;) {
    const { head: judged } = (await (await fetch(`${url}/status`)).json()) as { head: { number: string } | null };
    if (judged !== null && BigInt(judged.number) >= head) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function expectAlert(watch: Running, attack: AttackReceipt): Promise<void> {
  const isAlert = ({ data }: { data: Readonly<Record<string, unknown>> }) =>
    data.severity === "critical" && data.topic === "finding" && data.blockNumber === `${attack.blockNumber}`;
  const { type, data } = await receiver.until(isAlert, 150_000);

  const { blockHash, hash: txHash } = attack;
  expect({ type, data }).toMatchObject({
    type: "testudo.finding.raised.v1",
    data: { severity: "critical", transition: "raised", blockHash, txHash, chainId: prepared.chainId },
  });
  expect(prepared.protect.map((address) => address.toLowerCase())).toContain(data.subject);
  const head = new RegExp(` CRITICAL .* \\(raised, block ${attack.blockNumber}\\)`);
  const [shown] = await watch.until(head);
  expect(shown).toContain(data.title);
  await watch.until(new RegExp(`tx +${txHash}`));
  expect(receiver.refused).toEqual([]);
  // Nothing was called critical that the attack did not do, but for a chain that stood still between our steps.
  const others = receiver.delivered.filter((one) => one.data.severity === "critical" && !isAlert(one));
  expect(others.filter((one) => one.data.detector !== "self-health")).toEqual([]);
}

// What is absent in a recorded state reads as zero, so that a verdict that rests on it is void: above all a balance, which
// lies in a mapping. A contract that is no proxy has nothing in a proxy's slots, recorded or not, and plain variables (who
// owns it, a token's decimals) only name things. The attack itself may lack what its guide says.
async function expectNothingUnrecorded(): Promise<void> {
  const { slots } = await prepared.missing();
  const own: string[] = prepared.protect.map((address) => address.toLowerCase());
  const isNaming = (slot: Hex) => BigInt(slot) < 0x1_0000n;
  const others = slots.filter(
    ({ address, slot }) => !isNaming(slot) && !(own.includes(address.toLowerCase()) && proxySlots.includes(slot)),
  );
  expect(others.length, JSON.stringify(others)).toBeLessThanOrEqual(prepared.incident.unrecordedSlots);
}

async function expectCleanEnd(watch: Running): Promise<void> {
  watch.kill("SIGTERM");
  expect(await watch.ended).toBe(0);
  const verify = watches.start(["evidence", "verify"]);
  expect({ code: await verify.ended, err: verify.err() }).toEqual({ code: 0, err: "" });
}
