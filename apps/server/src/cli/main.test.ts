import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { writeDrillReceipt } from "../operator/drillReceipt.ts";
import { readSwitch } from "../operator/switch.ts";
import { openPlace, type Place } from "./place.testkit.ts";

let place: Place;
let folder = "";
beforeEach(() => {
  place = openPlace();
  folder = place.folder;
});
afterEach(() => place.remove());
const run = (...args: readonly string[]) => place.run(...args);

test("behavior: --version and --help end with 0, help has examples", async () => {
  const [version, help] = await Promise.all([run("--version"), run("--help")]);
  expect(version).toMatchObject({ code: 0, out: "0.1.0\n" });
  expect(help.code).toBe(0);
  expect(help.out).toContain("Examples:");
});

test.each([
  ["an unknown command", ["frobnicate"], "unknown command 'frobnicate'"],
  ["an unknown option", ["status", "--frob"], "unknown option '--frob'"],
  ["a missing argument", ["ack"], "missing required argument 'id'"],
  ["a missing option", ["guardian", "sign"], "(testudo guardian sign --help shows what there is)"],
  ["a password as an argument", ["keystore", "new", "--password", "secret"], "unknown option '--password'"],
  ["no store", ["status"], 'There is no store in ".testudo".'],
  ["no store to verify", ["evidence", "verify", "--data", "none"], 'There is no store in "none".'],
  ["nobody to ask for a password", ["keystore", "new"], "give --password-file FILE"],
])("error: %s ends with 2", async (_, args, text) => {
  const { code, err, out } = await run(...args);
  expect({ code, out }).toEqual({ code: 2, out: "" });
  expect(err).toContain(text);
  expect(err).not.toMatch(/\n\s+at /);
  expect(readdirSync(folder)).toEqual([]);
});

test("behavior: DEBUG shows where an error comes from", async () => {
  const { err } = await place.runWith({ DEBUG: "1" }, "status");
  expect(err).toMatch(/\n\s+at /);
});

test("behavior: init writes a configuration once and keeps the data folder out of git", async () => {
  writeFileSync(join(folder, ".gitignore"), "node_modules/");
  const first = await run("init", "--rpc", "http://a", "--protect", `0x${"ab".repeat(20)}`);
  expect(first.code).toBe(0);
  const text = readFileSync(join(folder, "testudo.config.ts"), "utf8");
  expect(text).toContain(`protect: ["0x${"ab".repeat(20)}"]`);
  expect(readFileSync(join(folder, ".gitignore"), "utf8")).toBe("node_modules/\n.testudo/\n");
  const second = await run("init");
  expect(second.code).toBe(2);
  expect(readFileSync(join(folder, "testudo.config.ts"), "utf8")).toBe(text);
  rmSync(join(folder, "testudo.config.ts"));
  await run("init");
  expect(readFileSync(join(folder, ".gitignore"), "utf8")).toBe("node_modules/\n.testudo/\n");
});

test("behavior: kill and disarm set the switch, arm needs a drill (RESP-14)", async () => {
  const data = join(folder, "d");
  expect(await run("kill", "--reason", "panic", "--data", data)).toMatchObject({ code: 0 });
  expect(readSwitch(data)).toMatchObject({ mode: "killed", reason: "panic" });
  const refused = await run("arm", "--data", data);
  expect(refused.code).toBe(1);
  expect(refused.err).toContain(`Run: testudo drill --data "${data}"`);
  expect(readSwitch(data).mode).toBe("killed");
  const receipt = { seed: 1, evidenceHead: `0x${"ab".repeat(32)}`, version: "0.1.0" };
  writeDrillReceipt(data, { ...receipt, passedAt: new Date(Date.now() - 1_000).toISOString() });
  expect(await run("--data", data, "arm")).toMatchObject({ code: 0 });
  expect(readSwitch(data).mode).toBe("armed");
  expect(await run("disarm", "--data", data)).toMatchObject({ code: 0 });
  expect(readSwitch(data).mode).toBe("shadow");
});

test("behavior: kill works over a switch that cannot be read", async () => {
  mkdirSync(join(folder, "d"));
  writeFileSync(join(folder, "d", "switch.json"), "garbage");
  expect(await run("kill", "--data", "d")).toMatchObject({ code: 0 });
  expect(readSwitch(join(folder, "d"))).toMatchObject({ mode: "killed" });
  expect(readSwitch(join(folder, "d")).fault).toBeUndefined();
});

test("behavior: keystore new writes a closed file, twice in no place", async () => {
  writeFileSync(join(folder, "pw"), "long enough\n", { mode: 0o600 });
  const { code, out } = await run("keystore", "new", "--out", "ann.json", "--password-file", "pw");
  expect(code).toBe(0);
  const { address, crypto } = JSON.parse(readFileSync(join(folder, "ann.json"), "utf8"));
  expect(out).toContain(`Address  0x${address}`);
  expect(crypto.kdfparams).toMatchObject({ n: 262_144, r: 8, p: 1 });
  expect(statSync(join(folder, "ann.json")).mode & 0o777).toBe(0o600);
  const again = await run("keystore", "new", "--out", "ann.json", "--password-file", "pw");
  expect(again).toMatchObject({ code: 1 });
  expect(again.err).toContain("A keystore is never overwritten");
  chmodSync(join(folder, "pw"), 0o644);
  const exposed = await run("keystore", "new", "--out", "bob.json", "--password-file", "pw");
  expect(exposed.err).toContain('Run: chmod 600 "pw"');
});
