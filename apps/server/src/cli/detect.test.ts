import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openPlace, type Place } from "./place.testkit.ts";

let place: Place;
beforeEach(() => {
  place = openPlace();
});
afterEach(() => place.remove());

const address = (n: string) => `0x${n.repeat(40)}`;
const word = (hex: string) => hex.replace(/^0x/, "").padStart(64, "0");
const spend = `0x23b872dd${word(address("5"))}${word(address("2"))}${word("0xde0b6b3a7640000")}`;
const theft = {
  type: "CALL",
  from: address("1"),
  to: address("2"),
  input: "0x11",
  calls: [
    {
      type: "CALL",
      from: address("2"),
      to: address("3"),
      input: "0x11223344",
      calls: [{ type: "CALL", from: address("3"), to: address("4"), input: spend }],
    },
  ],
};
const payment = { type: "CALL", from: address("1"), to: address("2"), input: "0x", value: "0x1" };

test("TREE-01: one line of JSON a file in their order, for both ways of naming several", async () => {
  writeFileSync(join(place.folder, "theft.json"), JSON.stringify(theft));
  writeFileSync(join(place.folder, "payment.json"), JSON.stringify(payment));
  const { code, out } = await place.run(
    "detect",
    "--json",
    "--trace",
    "theft.json",
    "payment.json",
    "--trace",
    "theft.json",
  );
  const lines = out
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(code).toBe(0);
  expect(lines.map(({ file, severity, detected }) => [file, severity, detected])).toEqual([
    ["theft.json", "critical", true],
    ["payment.json", null, false],
    ["theft.json", "critical", true],
  ]);
  expect(Object.keys(lines[0].findings[0])).toEqual(["detector", "severity", "score", "reason"]);
});

test("TREE-02: a bad file ends with 2 after all were judged; without --json a person can read it", async () => {
  writeFileSync(join(place.folder, "theft.json"), JSON.stringify(theft));
  const { code, out } = await place.run(
    "detect",
    "--trace",
    "none.json",
    "theft.json",
    "--protect",
    `${address("3")},${address("9")}`,
  );
  expect(code).toBe(2);
  expect(out).toMatch(
    /^error {5}none\.json: There is no such file\..*\ncritical {2}theft\.json \(.* ms\)\n {10}critical call-tree: The calls to 0x3{40} show /,
  );
});

test("error: no file, and an address that is none, end with 2", async () => {
  expect((await place.run("detect")).code).toBe(2);
  expect(await place.run("detect", "--trace", "x", "--protect", "0x12")).toMatchObject({ code: 2, out: "" });
  // What an unset variable gives must not judge for everybody instead.
  expect(await place.run("detect", "--trace", "x", "--protect", "")).toMatchObject({ code: 2, out: "" });
});
