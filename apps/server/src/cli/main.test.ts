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

const mistyped = "0xaBaBaBaBABabABabAbAbABAbABabababaBaBABaB";

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
  ["an empty folder's name", ["status", "--data", ""], '--data "" is no folder.'],
  [
    "an address whose checksum is wrong",
    ["init", "--protect", mistyped],
    `--protect "${mistyped}" has a wrong checksum.`,
  ],
  ["a chain that is no node", ["deploy", "--chain", "1"], "is no URL of a node"],
  ["a deployment without a key", ["deploy", "--chain", "http://127.0.0.1:1"], "--keystore is not given."],
  ["two ways at once", ["deploy", "--chain", "http://a", "--dry-run", "--verify"], "Give one of them."],
  ["no deployment", ["deploy", "--chain", "http://a", "--verify"], "testudo init --deploy"],
  [
    "a key for a file",
    ["deploy", "--chain", "http://a", "--verify", "--file", "ab".repeat(32)],
    "not shown: it looks like a key",
  ],
  [
    "rules that nobody knows",
    ["watch", "--rpc", "http://a", "--hardfork", "pragu"],
    '--hardfork "pragu" names no rules.',
  ],
  ["nobody to ask for a password", ["keystore", "new"], "give --password-file FILE"],
])("error: %s ends with 2", async (_, args, text) => {
  const { code, err, out } = await run(...args);
  expect({ code, out }).toEqual({ code: 2, out: "" });
  expect(err).toContain(text);
  expect(err).not.toMatch(/\n\s+at |(ab){32}/);
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

test("behavior: init --deploy writes a deployment once, and what is to be filled in is named", async () => {
  expect((await run("init", "--deploy")).code).toBe(0);
  expect(readdirSync(folder)).toEqual(["testudo.deploy.ts"]);
  expect((await run("init", "--deploy")).code).toBe(2);
  const { code, err } = await run("deploy", "--chain", "http://127.0.0.1:1", "--verify");
  expect(code).toBe(2);
  expect(err).toContain('`protect[0].address` is "0x…", a string.');
  const text = readFileSync(join(folder, "testudo.deploy.ts"), "utf8");
  let digit = 0;
  const filled = text.replaceAll("0x…", () => `0x${`${++digit}`.padStart(40, "a")}`);
  writeFileSync(join(folder, "testudo.deploy.ts"), filled.replace(/^ {2}\/\/ (?=groups)/m, "  "));
  // Nothing is wrong with it any more but that no node is there.
  expect((await run("deploy", "--chain", "http://127.0.0.1:1", "--verify")).err).toContain("cannot be reached");
});

test("behavior: kill and disarm set the switch, arm needs a drill (RESP-14)", async () => {
  const data = join(folder, "d");
  // A store, as far as it can be seen from outside.
  mkdirSync(join(data, "db"), { recursive: true });
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
  mkdirSync(join(folder, "d", "db"), { recursive: true });
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

test("error: kill where nothing runs and nothing ever ran sets the switch and ends with 1 (RESP-07)", async () => {
  const { code, err } = await run("kill");
  expect(code).toBe(1);
  expect(err).toContain('error: Nothing was stopped: there is neither a server nor a store in ".testudo".');
  expect(err).toContain("- Give the folder of the server with --data");
  expect(readSwitch(join(folder, ".testudo"))).toMatchObject({ mode: "killed" });
});

test("error: kill over a switch that is a folder says so, without a stack", async () => {
  mkdirSync(join(folder, "d", "switch.json"), { recursive: true });
  const { code, err } = await run("kill", "--data", "d");
  expect(code).toBe(1);
  expect(err).toContain('error: The switch "d/switch.json" could not be set to killed: EISDIR.');
});

const configure = (...lines: readonly string[]) =>
  writeFileSync(
    join(folder, "testudo.config.ts"),
    `import { defineConfig, env } from "testudo";\nexport default defineConfig({ ${lines.join(", ")} });`,
  );

test("behavior: every command means the folder of the configuration here, unless --data names one (RESP-07)", async () => {
  configure('rpc: [env("TESTUDO_TEST_UNSET")]', `protect: ["0x${"ab".repeat(20)}"]`, 'dataDir: "elsewhere"');
  mkdirSync(join(folder, "elsewhere", "db"), { recursive: true });
  expect(await run("kill", "--reason", "panic")).toMatchObject({ code: 0 });
  expect(readSwitch(join(folder, "elsewhere"))).toMatchObject({ mode: "killed", reason: "panic" });
  expect(await run("disarm")).toMatchObject({ code: 0 });
  expect(readSwitch(join(folder, "elsewhere"))).toMatchObject({ mode: "shadow" });
  expect((await run("arm")).err).toContain(`no drill has passed in "${join(folder, "elsewhere")}"`);
  const guardian = ["guardian", "sign", "--action", "0x1234567890", "--keystore", "k"];
  expect((await run(...guardian)).err).toContain(`No server runs on "${join(folder, "elsewhere")}".`);
  rmSync(join(folder, "elsewhere"), { recursive: true });
  const readers = [["status"], ["ack", "0x1234567890"], ["evidence", "head"]];
  for (const { err } of await Promise.all(readers.map((args) => run(...args))))
    expect(err).toContain(`There is no store in "${join(folder, "elsewhere")}".`);
  expect((await run("status", "--data", ".testudo")).err).toContain('There is no store in ".testudo".');
  expect(readdirSync(folder)).toEqual(["testudo.config.ts"]);
});

test("behavior: watch and calibrate take the configuration here, and not beside flags that name something else", async () => {
  const config = (rest: string) =>
    writeFileSync(
      join(folder, "testudo.config.ts"),
      `import { defineConfig } from "testudo";\nexport default defineConfig({ rpc: ["http://127.0.0.1:9"], protect: ["0x${"ab".repeat(20)}"]${rest} });`,
    );
  config("");
  expect(await run("calibrate")).toMatchObject({
    code: 1,
    err: expect.stringContaining("Node http://127.0.0.1:9 cannot be reached"),
  });
  expect(await run("calibrate", "--rpc", "http://127.0.0.1:9")).toMatchObject({
    code: 2,
    err: expect.stringContaining("calibrate does not know what to measure"),
  });
  config(", colour: 1");
  expect(await run("watch")).toMatchObject({ code: 2, err: expect.stringMatching(/testudo\.config\.ts.*colour/s) });
});

test("error: a configuration that does not load leaves the folder open, and --data closes it", async () => {
  writeFileSync(join(folder, "testudo.config.ts"), "export default {");
  const { code, err } = await run("kill");
  expect(code).toBe(2);
  expect(err).toContain("error: The data folder is not known: testudo.config.ts:1:17 does not parse");
  expect(err).toContain("- Give the folder with --data, or correct the file.");
  mkdirSync(join(folder, "d", "db"), { recursive: true });
  expect(await run("kill", "--data", "d")).toMatchObject({ code: 0 });
});

test("error: where only drills left a store, they are named", async () => {
  for (const name of ["one", "two"]) mkdirSync(join(folder, ".testudo", "drill", name, "db"), { recursive: true });
  const { code, err } = await run("status");
  expect(code).toBe(2);
  expect(err).toContain('Drills left theirs in ".testudo/drill/one", ".testudo/drill/two".');
  expect(err).toContain('- Give the folder with --data, for example --data ".testudo/drill/one".');
});
