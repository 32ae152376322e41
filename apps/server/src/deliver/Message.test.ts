import type { Hex } from "@testudo/core/model/Hex";
import { expect, test } from "vitest";
import { finding, notice, subject } from "../store/chain.testkit.ts";
import { messageOf } from "./Message.ts";

test("behavior: a message about an action tells which it is, its target, and its functions by name where one is known", () => {
  const id: Hex = `0x${"1234567890abcdef".repeat(4)}`;
  const about = (selectors: readonly Hex[]) =>
    messageOf({ ...notice(finding(1), "signed", "info"), topic: "action", action: { id, selectors } }).facts;
  expect(about(["0x2e1a7d4d"]).slice(1, 4)).toEqual([
    ["action", "0x1234567890"],
    ["target", subject],
    ["function", "withdraw(uint256) (0x2e1a7d4d)"],
  ]);
  const many = Array.from({ length: 9 }, (_, i): Hex => `0x0000000${i}`);
  expect(about(many)[3]).toEqual([
    "functions",
    "0x00000000, 0x00000001, 0x00000002, 0x00000003, 0x00000004 and 4 more",
  ]);
});

test("behavior: what is about no action tells its subject", () => {
  expect(messageOf(notice(finding(1))).facts.slice(1, 3)).toEqual([
    ["subject", subject],
    ["detector", "outflow"],
  ]);
});
