import { afterEach, expect, test } from "vitest";
import { newThread } from "../deliver/Channel.ts";
import { openReceiver, type Receiver, secretA } from "../deliver/receiver.testkit.ts";
import { webhookChannel } from "../deliver/webhookChannel.ts";
import { finding, notice, subject } from "../store/chain.testkit.ts";
import { cloudEventSchema, toCloudEvent } from "./toCloudEvent.ts";

let receiver: Receiver | undefined;
afterEach(() => receiver?.close());

const alert = notice(finding(7));

test("INT-04: a notice is a CloudEvents 1.0 event with the message's id, its chain, detector and address", () => {
  const event = toCloudEvent(alert);
  expect(cloudEventSchema.parse(event)).toEqual(event);
  expect(event).toMatchObject({
    specversion: "1.0",
    id: alert.id,
    source: "eip155:31337/outflow",
    type: "testudo.finding.raised.v1",
    subject: `eip155:31337:${subject}`,
    datacontenttype: "application/json",
    data: { kind: "Notice", blockNumber: "7", detector: "outflow" },
  });
});

test("INT-04: what no detector and no address stands behind names its topic and has no subject", () => {
  const { detector: _, subject: __, ...bare } = alert;
  const event = toCloudEvent({ ...bare, topic: "incident", transition: "opened" });
  expect(cloudEventSchema.parse(event)).toMatchObject({
    source: "eip155:31337/incident",
    type: "testudo.incident.opened.v1",
  });
  expect(event).not.toHaveProperty("subject");
});

test("INT-04: a webhook sends it signed, in structured mode", async () => {
  receiver = await openReceiver(secretA);
  const channel = webhookChannel({ name: "hook", url: receiver.url, secrets: [secretA], format: "cloudevents" });
  await channel.deliver(alert, new AbortController().signal, newThread);
  const [request] = receiver.requests;
  expect(request).toMatchObject({
    id: alert.id,
    signed: true,
    headers: { "content-type": "application/cloudevents+json" },
  });
  expect(cloudEventSchema.parse(JSON.parse(request!.body)).id).toBe(alert.id);
});
