import type { ChainEvent, StreamTrouble } from "@testudo/core/model/ChainEvent";
import { expect, test } from "vitest";
import { watchClocks } from "./watchClocks.ts";

const nowMs = 1_700_000_000_400;

function open() {
  const told: string[] = [];
  const tell = ({ trouble, endpoint, message }: StreamTrouble) => void told.push(`${trouble} ${endpoint}: ${message}`);
  const clocks = watchClocks(tell, () => nowMs);
  const answers = (serverDateMs: number | undefined, ms: number, times = 3) => {
    for (let i = 0; i < times; i += 1) clocks.onAnswer({ endpoint: "node", ms, serverDateMs });
  };
  const block = (timestamp: bigint, phase: "live" | "history" = "live") =>
    clocks.onBlock({ phase, receivedAtMs: nowMs, bundle: { ref: { timestamp } } } as ChainEvent & { kind: "block" });
  return { told, answers, block };
}

test.each([
  ["2.4 s behind, by a second that it may have begun", -2_400, 100],
  ["1.9 s ahead", 1_900, 100],
  ["ten seconds apart on a way of ten seconds", -10_000, 10_000],
])("SELF-01: a node that is %s says nothing of the clock", (_, offMs, ms) => {
  const { told, answers } = open();
  answers(Math.floor((nowMs + offMs) / 1_000) * 1_000, ms);
  expect(told).toEqual([]);
});

test("SELF-01: a clock that is beyond doubt more than 2 s off is told after three answers, and its end", () => {
  const { told, answers } = open();
  answers(nowMs - 400 + 6_000, 100, 2);
  expect(told).toEqual([]);
  answers(nowMs - 400 + 6_000, 100, 5);
  answers(nowMs - 400, 100, 1);
  answers(nowMs - 400 - 8_000, 100, 3);
  expect(told).toEqual([
    "clock-skew clock of node: This machine's clock is at least 5.6 s behind the clock of node.",
    "recovered clock of node: The clocks agree again.",
    "clock-skew clock of node: This machine's clock is at least 7.3 s ahead of the clock of node.",
  ]);
});

test("SELF-01: without a time in the answers, live blocks from the future show a slow clock; old blocks show nothing", () => {
  const { told, block } = open();
  for (let i = 0; i < 4; i += 1) block(1_600_000_000n);
  for (let i = 0; i < 4; i += 1) block(1_700_000_010n, "history");
  for (let i = 0; i < 4; i += 1) block(1_700_000_010n);
  expect(told).toEqual([
    "clock-skew clock of the chain: This machine's clock is at least 9.6 s behind the clock of the chain.",
  ]);
});

test("SELF-01: a test chain that is ahead of its own node's clock is no fault of this machine's", () => {
  const { told, answers, block } = open();
  answers(nowMs - 400, 10, 1);
  for (let i = 0; i < 4; i += 1) block(1_900_000_000n);
  expect(told).toEqual([]);
});
