import { sleep } from "@testudo/chain/rpc/sleep";
import { collectGarbage } from "@testudo/chain/testkit/collectGarbage.testkit";
import { fromPlainJson } from "@testudo/core/model/plainJson";
import { afterEach, expect, test } from "vitest";
import { finding, notice } from "../store/chain.testkit.ts";
import { ChannelGoneError, newThread } from "./Channel.ts";
import { channelSuite } from "./channelSuite.testkit.ts";
import { openReceiver, type Receiver, secretA, secretB } from "./receiver.testkit.ts";
import { openWebhookBench } from "./webhook.testkit.ts";
import { webhookBody, webhookChannel } from "./webhookChannel.ts";

const open: Receiver[] = [];
afterEach(async () => {
  for (const receiver of open.splice(0)) await receiver.close();
});
const receive = async (answer?: Parameters<typeof openReceiver>[1], secret = secretA) => {
  const receiver = await openReceiver(secret, answer);
  open.push(receiver);
  return receiver;
};
const alert = notice(finding(7));
const never = new AbortController().signal;
const channel = (url: string, timeoutMs = 2_000, secrets = [secretA]) =>
  webhookChannel({ name: "hook", url, secrets, timeoutMs });

test("DELIV-01: the receiver gets the notice, signed, under the notice's id", async () => {
  const receiver = await receive();
  await channel(receiver.url).deliver(alert, never, newThread);
  const [request] = receiver.requests;
  expect(request).toMatchObject({ id: alert.id, signed: true, headers: { "content-type": "application/json" } });
  expect(fromPlainJson(request!.body)).toEqual({
    type: "testudo.finding.raised.v1",
    data: { ...alert, blockNumber: "7" },
  });
  expect(webhookBody(alert)).toBe(request!.body);
});

test("DELIV-01: receivers that hold the old or the new secret both accept", async () => {
  for (const secret of [secretA, secretB]) {
    const receiver = await receive(undefined, secret);
    await channel(receiver.url, 2_000, [secretA, secretB]).deliver(alert, never, newThread);
    expect(receiver.accepted).toEqual([alert.id]);
  }
});

test("DELIV-02: answers other than 2xx are errors that quote them and hide the query", async () => {
  const receiver = await receive(() => ({
    status: 503,
    headers: { "retry-after": "7" },
    body: "over\u001b[31mloaded",
  }));
  const failed = channel(receiver.url).deliver(alert, never, newThread);
  await expect(failed).rejects.toMatchObject({ name: "DeliveryError", retryAfterMs: 7_000 });
  await expect(failed).rejects.toThrow(/answered 503: over/);
  await expect(failed).rejects.not.toThrow(/hidden/);
});

test("DELIV-02: 410 ends the channel", async () => {
  const receiver = await receive(() => 410);
  await expect(channel(receiver.url).deliver(alert, never, newThread)).rejects.toThrow(ChannelGoneError);
});

test("error: a redirect is not followed", async () => {
  const other = await receive();
  const receiver = await receive(() => ({ status: 307, headers: { location: other.url } }));
  await expect(channel(receiver.url).deliver(alert, never, newThread)).rejects.toThrow("redirects are not followed");
  expect(other.requests).toEqual([]);
});

test("error: a receiver that does not answer is given up after the timeout", async () => {
  const receiver = await receive(() => "silence");
  await expect(channel(receiver.url, 100).deliver(alert, never, newThread)).rejects.toThrow(
    /No answer from http:\/\/127/,
  );
});

test("DELIV-02: one that does not answer is given up also when garbage is collected meanwhile", async () => {
  const receiver = await receive(() => "silence");
  const failed = expect(channel(receiver.url, 400).deliver(alert, never, newThread)).rejects.toThrow("No answer from");
  for (let round = 0; round < 8; round += 1) {
    collectGarbage();
    await sleep(20);
  }
  await failed;
});

test("error: a receiver that is down is named", async () => {
  const receiver = await receive();
  await receiver.close();
  await expect(channel(receiver.url).deliver(alert, never, newThread)).rejects.toThrow(/ECONNREFUSED/);
});

test("behavior: an endless answer is cut off, and counts as its status says", async () => {
  const receiver = await receive(() => ({ status: 200, body: "x".repeat(5_000_000) }));
  await channel(receiver.url).deliver(alert, never, newThread);
  const failing = await receive(() => ({ status: 500, body: "y".repeat(5_000_000) }));
  const message = await channel(failing.url)
    .deliver(alert, never, newThread)
    .catch((error: Error) => error.message);
  expect(message).toHaveLength(`${new URL(failing.url).origin} answered 500: `.length + 200);
});

channelSuite("webhook", openWebhookBench, { isOnce: true, faults: ["outage", "rate-limit", "redirect", "echo"] });
channelSuite("webhook, OpenZeppelin Monitor", () => openWebhookBench({ format: "oz-monitor" }), {
  isOnce: true,
  faults: ["outage", "rate-limit", "redirect", "echo"],
});
