import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openPlace, type Place } from "./place.testkit.ts";

const bin = fileURLToPath(new URL("../../bin/testudo.js", import.meta.url));
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

/** Runs a command of bash, in which `testudo` is the program, beside a theft in a file. */
function inShell(command: string) {
  writeFileSync(join(place.folder, "theft.json"), JSON.stringify(theft));
  const child = spawn("bash", ["-c", command.replaceAll("testudo", `"${process.execPath}" "${bin}"`)], {
    cwd: place.folder,
    stdio: ["ignore", "pipe", "inherit"],
  });
  let out = "";
  child.stdout.setEncoding("utf8").on("data", (text) => {
    out += text;
  });
  const linesOf = () =>
    out
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
  return { child, ended: once(child, "close"), linesOf };
}

test("TREE-01: what is written to a pipe or to standard input is read as a file is, within the same bounds", async () => {
  const slow = "<(head -c 40 theft.json; sleep 0.3; tail -c +41 theft.json)";
  const pipes = `${slow} <(gzip -c theft.json) - <(true) <(head -c 70000000 /dev/zero)`;
  const { ended, linesOf } = inShell(`testudo detect --json --trace ${pipes} - < theft.json`);
  expect(await ended).toEqual([2, null]);
  expect(linesOf().map(({ severity, error }) => severity ?? error.split("\n")[0])).toEqual([
    "critical",
    "critical",
    "critical",
    "It is no JSON: Unexpected end of JSON input.",
    "It has more than 67108864 bytes.",
    "It is no JSON: Unexpected end of JSON input.",
  ]);
});

test("TREE-01: a pipe that nobody ends is waited for until Ctrl-C", async () => {
  // The program has it open to write as well.
  const watched = "mkfifo pipe; exec 3<>pipe; exec testudo detect --json --trace theft.json pipe theft.json";
  const { child, ended, linesOf } = inShell(watched);
  await once(child.stdout, "data");
  child.kill("SIGINT");
  expect(await ended).toEqual([130, null]);
  expect(linesOf()).toMatchObject([{ file: "theft.json", severity: "critical" }]);
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
