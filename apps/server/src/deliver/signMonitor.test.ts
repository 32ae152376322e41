import { createHmac } from "node:crypto";
import { expect, test } from "vitest";
import { finding, notice } from "../store/chain.testkit.ts";
import { monitorBody, signMonitor } from "./signMonitor.ts";

test("DELIV-01: what is signed for OpenZeppelin Monitor's receivers is the message as Rust prints it, and the milliseconds", () => {
  const body = { title: 'Token "A\\B"', body: "one\ntwo" };
  const printed = 'WebhookMessage { title: "Token \\"A\\\\B\\"", body: "one\\ntwo" }1700000000123';
  expect(signMonitor("top-secret", body, 1_700_000_000_123)).toEqual({
    "x-signature": createHmac("sha256", "top-secret").update(printed).digest("hex"),
    "x-timestamp": "1700000000123",
  });
});

test("behavior: title and body hold a notice in words", () => {
  expect(monitorBody({ ...notice(finding(7)), title: "e\u0301\u00a0\u202evil" })).toMatchInlineSnapshot(`
    {
      "body": "Half of the vault left in one transaction.
    block: 7 on chain 31337
    subject: 0xabababababababababababababababababababab
    detector: outflow
    runbook: RUNBOOK.md#it-paged
    alert: d679f017",
      "title": "CRITICAL: e??vil",
    }
  `);
});
