import { expect, test } from "vitest";
import type { Plan } from "./Plan.ts";
import type { Scenario } from "./Scenario.ts";
import { scheduleOf } from "./scheduleOf.ts";

const address = `0x${"11".repeat(20)}` as const;
const calls = [{ from: address, to: address, input: "0x" }] as const;
const scenario: Scenario = {
  ...{ contracts: [], assets: [], accounts: 1, keys: [], addresses: [], words: [], mostSeconds: 3_600, figures: [] },
  powers: [{ name: "price", calls, seconds: 10, costWad: 0n }],
  guardians: [
    { name: "unpause", calls, after: 300 },
    { name: "pause", calls, after: 60 },
  ],
};
const call = { kind: "call", actor: 0 } as Plan[number];
const price: Plan[number] = { kind: "power", power: 0 };
const wait = (seconds: number): Plan[number] => ({ kind: "wait", seconds });
const told = (plan: Plan): string[] =>
  scheduleOf(plan, scenario).map((turn) => `${turn.seconds} ${turn.kind === "his" ? turn.moves.length : turn.name}`);

test("LAB-30: guardians act so long after the attacker's first call, before whatever else comes then", () => {
  expect(told([call, wait(60), call])).toEqual(["0 1", "60 pause", "0 1"]);
  expect(told([call, wait(100), call, wait(1_000), call])).toEqual([
    ...["0 1", "60 pause", "40 1"],
    ...["200 unpause", "800 1"],
  ]);
  expect(told([call, wait(400), call])).toEqual(["0 1", "60 pause", "240 unpause", "100 1"]);
});

test("LAB-30: what comes before his first call, and calls of one moment, leave guardians no time", () => {
  expect(told([price, wait(1_000), call, call])).toEqual(["10 price", "1000 2"]);
  expect(told([call, wait(59), call])).toEqual(["0 1", "59 1"]);
  expect(told([call, price, wait(49), price])).toEqual(["0 1", "10 price", "50 pause", "9 price"]);
});
