import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { arm } from "./arm.ts";
import { readDrillReceipt, receiptPath, writeDrillReceipt } from "./drillReceipt.ts";
import { newToken, readServerFile, removeServerFile, serverFilePath, writeServerFile } from "./serverFile.ts";
import { readSwitch, switchPath, watchSwitch, writeSwitch } from "./switch.ts";
import { replaceFile, writeNewFile } from "./writeFile.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "testudo-operator-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const now = new Date("2026-06-30T12:00:00.000Z");
const armed = { mode: "armed", actor: "ann", reason: "ready", at: now.toISOString() } as const;

test("behavior: without a switch the mode is shadow (RESP-14)", () => {
  expect(readSwitch(folder)).toMatchObject({ mode: "shadow" });
  expect(readSwitch(join(folder, "none"))).toMatchObject({ mode: "shadow" });
});

test("behavior: what was set is read back, for the owner only", () => {
  writeSwitch(folder, armed);
  expect(readSwitch(folder)).toEqual(armed);
  expect(statSync(switchPath(folder)).mode & 0o777).toBe(0o600);
});

test.each([
  ["empty", ""],
  ["cut off", '{"mode":"arm'],
  ["an unknown mode", JSON.stringify({ ...armed, mode: "on" })],
  ["an unknown key", JSON.stringify({ ...armed, force: true })],
  ["a missing key", JSON.stringify({ mode: "armed" })],
  ["no object", '"armed"'],
])("behavior: a switch that is %s counts as pressed (RESP-07)", (_, text) => {
  writeFileSync(switchPath(folder), text, { mode: 0o600 });
  expect(readSwitch(folder)).toMatchObject({ mode: "killed", fault: expect.stringContaining("switch.json") });
});

test("behavior: a switch that cannot be read counts as pressed (RESP-07)", () => {
  mkdirSync(switchPath(folder));
  expect(readSwitch(folder)).toMatchObject({ mode: "killed", fault: expect.stringContaining("EISDIR") });
});

test.skipIf(process.platform === "win32")("behavior: a switch that others may write counts as pressed", () => {
  writeSwitch(folder, armed);
  chmodSync(switchPath(folder), 0o620);
  expect(readSwitch(folder)).toMatchObject({ mode: "killed" });
});

test("behavior: each change of the switch is noticed, once", async () => {
  const seen: string[] = [];
  const stop = new AbortController();
  watchSwitch(folder, ({ mode }) => seen.push(mode), stop.signal);
  const wait = (count: number) => expect.poll(() => seen.length, { timeout: 120_000, interval: 10 }).toBe(count);
  writeSwitch(folder, { ...armed, mode: "killed" });
  await wait(2);
  writeFileSync(switchPath(folder), "{");
  await wait(3);
  writeSwitch(folder, armed);
  await wait(4);
  stop.abort();
  writeSwitch(folder, { ...armed, mode: "killed" });
  await new Promise((resolve) => setTimeout(resolve, 400));
  expect(seen).toEqual(["shadow", "killed", "killed", "armed"]);
});

test("behavior: a reader never sees half a file while it is replaced", async () => {
  const path = join(folder, "a");
  const texts = ["x".repeat(100_000), "y".repeat(100_000)];
  replaceFile(path, texts[0]!);
  const { Worker } = await import("node:worker_threads");
  const worker = new Worker(
    `const { readFileSync } = require("node:fs"); const { parentPort, workerData } = require("node:worker_threads");
     let odd = 0, reads = 0; parentPort.on("message", () => { parentPort.postMessage({ odd, reads }); process.exit(); });
     const look = () => { for (let i = 0; i < 20; i++) { const t = readFileSync(workerData, "utf8"); reads++;
       if (t.length !== 100000 || t !== t[0].repeat(100000)) odd++; } setImmediate(look); }; look();`,
    { eval: true, workerData: path },
  );
  await new Promise((resolve) => worker.once("online", resolve));
  for (let i = 0; i < 200; i++) replaceFile(path, texts[i % 2]!);
  const told = new Promise<{ odd: number; reads: number }>((resolve) => worker.once("message", resolve));
  worker.postMessage("end");
  const { odd, reads } = await told;
  expect(odd).toBe(0);
  expect(reads).toBeGreaterThan(20);
  expect(readdirSync(folder)).toEqual(["a"]);
});

test("behavior: a file that is there is not replaced by a new one, and nothing is left behind", () => {
  const path = join(folder, "deep", "a");
  expect(writeNewFile(path, "first")).toBe(true);
  expect(writeNewFile(path, "second")).toBe(false);
  expect(readFileSync(path, "utf8")).toBe("first");
  expect(readdirSync(join(folder, "deep"))).toEqual(["a"]);
});

const receipt = {
  passedAt: "2026-06-01T00:00:00.000Z",
  seed: 7,
  evidenceHead: `0x${"ab".repeat(32)}`,
  version: "0.1.0",
};
const order = { actor: "ann", reason: "ready", now };

test("behavior: arms after a drill of the last 30 days (RESP-14)", () => {
  writeDrillReceipt(folder, receipt);
  expect(arm(folder, order)).toEqual(receipt);
  expect(readSwitch(folder)).toEqual(armed);
});

test.each([
  ["no drill has passed", undefined],
  ["no drill has passed", "{}"],
  ["the last drill passed 30 days ago", { ...receipt, passedAt: "2026-05-31T11:59:59.000Z" }],
  ["the drill's receipt is of the future", { ...receipt, passedAt: "2026-06-30T12:00:01.000Z" }],
])("error: not armed because %s", (why, given) => {
  if (typeof given === "string") writeFileSync(receiptPath(folder), given);
  else if (given !== undefined) writeDrillReceipt(folder, given);
  expect(() => arm(folder, order)).toThrow(`Not armed: ${why}`);
  expect(() => arm(folder, order)).toThrow(`Run: testudo drill --data "${folder}"`);
  expect(readSwitch(folder).mode).toBe("shadow");
});

test("behavior: a damaged receipt is no receipt", () => {
  writeFileSync(receiptPath(folder), '{"passedAt":"2026-06-01T00:00:00.000Z"}');
  expect(readDrillReceipt(folder)).toBeUndefined();
});

test("behavior: a running server is found, one whose process has gone is not", async () => {
  const server = { host: "127.0.0.1", port: 4600, pid: process.pid, token: newToken() };
  writeServerFile(folder, server);
  expect(readServerFile(folder)).toEqual(server);
  expect(statSync(serverFilePath(folder)).mode & 0o777).toBe(0o600);
  const { spawn } = await import("node:child_process");
  const child = spawn(process.execPath, ["-e", ""]);
  await new Promise((resolve) => child.once("exit", resolve));
  writeServerFile(folder, { ...server, pid: child.pid! });
  expect(readServerFile(folder)).toBeUndefined();
});

test("behavior: a server takes only its own file away", () => {
  const server = { host: "127.0.0.1", port: 4600, pid: process.ppid, token: newToken() };
  writeServerFile(folder, server);
  removeServerFile(folder);
  expect(readServerFile(folder)).toEqual(server);
  writeServerFile(folder, { ...server, pid: process.pid });
  removeServerFile(folder);
  expect(readServerFile(folder)).toBeUndefined();
});

test.skipIf(process.platform !== "linux")(
  "behavior: a server whose process id was given to another process is not found",
  () => {
    writeServerFile(folder, { host: "127.0.0.1", port: 4600, pid: process.ppid, token: newToken() });
    const stored = JSON.parse(readFileSync(serverFilePath(folder), "utf8"));
    expect(stored.startedAt).toMatch(/\/\d+$/);
    writeFileSync(serverFilePath(folder), JSON.stringify({ ...stored, startedAt: `${stored.startedAt}1` }));
    expect(readServerFile(folder)).toBeUndefined();
  },
);

test("error: a switch that is a folder is not set, counts as pressed, and is to be moved away", () => {
  mkdirSync(switchPath(folder));
  expect(() => writeSwitch(folder, { ...armed, mode: "killed" })).toThrowError(
    `The switch "${switchPath(folder)}" could not be set to killed: EISDIR.\n` +
      "- It cannot be read either and counts as pressed.\n" +
      `- Move "${switchPath(folder)}" away: it has to be a file, then try again.`,
  );
});
