// A configuration is code: it may end the program that reads it, wait for nothing, loop, or print. No command takes that for success.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readSwitch, writeSwitch } from "../operator/switch.ts";
import { openPlace, type Place } from "./place.testkit.ts";

let place: Place;
beforeEach(() => {
  place = openPlace();
});
afterEach(() => place.remove());

const vault = `0x${"5a".repeat(20)}`;
const write = (code: string, lines = "") =>
  writeFileSync(
    join(place.folder, "testudo.config.ts"),
    `import { defineConfig } from "testudo";
${code}
export default defineConfig({ rpc: ["http://127.0.0.1:9"], protect: ["${vault}"], ${lines} });`,
  );
const elsewhere = 'dataDir: ["el", "sewhere"].join(""),';

const waits = "await new Promise(() => {});";
const endings = [
  ["exits", "process.exit(0);", "`process.exit(0)` would end the program that reads the file."],
  ["exits and hides it", "try { process.exit(); } catch {}", "`process.exit()` would end the program"],
  ["waits for nothing", waits, "waits for what never comes."],
] as const;

test.each(endings)("CHECK-02: a configuration that %s is a fault, in JSON too", async (_, code, said) => {
  write(code);
  const { code: status, out } = await place.run("check");
  expect([status, out]).toEqual([1, expect.stringContaining(said)]);
  const json = await place.run("check", "--json");
  expect(json.code).toBe(1);
  expect(JSON.parse(json.out)).toMatchObject([
    { part: "configuration", faults: [{ file: "testudo.config.ts", what: expect.stringContaining(said) }] },
  ]);
});

test("CHECK-02: a configuration that ends the process from outside of its own code is a fault", async () => {
  write('process.kill(process.pid, "SIGKILL");');
  const { code, out } = await place.run("check", "--json");
  expect(code).toBe(1);
  expect(JSON.parse(out)[0].faults[0].what).toContain("ended the program that read it");
});

test.each([
  ["status"],
  ["watch"],
  ["calibrate", "--from", "1", "--to", "2", "--out", "c.json"],
  ["backtest", "--config", "testudo.config.ts", "--from", "1", "--to", "2", "--out", "out"],
  ["channels", "test", "--data", "data"],
])("CHECK-04: %s does not end well where the configuration ends the program", async (...args) => {
  for (const [, code, said] of endings) {
    write(code, elsewhere);
    const { code: status, out, err } = await place.run(...args);
    expect([status, out, err]).toEqual([2, "", expect.stringContaining(said)]);
  }
});

test("CHECK-04: the doctor goes on, and tells it as what fails", async () => {
  for (const [, code, said] of endings) {
    write(code);
    const { code: status, out } = await place.run("doctor", "--json");
    expect(status).toBe(1);
    const checks = JSON.parse(out) as { name: string; level: string; text: string }[];
    expect(checks.find(({ name }) => name === "config")).toMatchObject({
      level: "fail",
      text: expect.stringContaining(said),
    });
  }
});

test("CHECK-04: what a configuration prints goes to standard error, and JSON stays whole", async () => {
  write('console.log("noise"); process.stdout.write("more\\n"); await null; console.info("late noise");');
  for (const args of [
    ["check", "--json"],
    ["doctor", "--json"],
  ]) {
    const { out, err } = await place.run(...args);
    expect(JSON.parse(out)).toBeInstanceOf(Array);
    for (const printed of ["noise", "more", "late noise"]) expect(err).toContain(`${printed}\n`);
  }
});

test.each([...endings, ["loops", "for (;;) {}", "did not come to its end within 10 s"] as const])(
  "RESP-07: kill says that it stopped nothing where the configuration %s and hides its folder",
  async (_, code, said) => {
    write(code, elsewhere);
    const { code: status, out, err } = await place.run("kill", "--reason", "x");
    expect([status, out]).toEqual([2, ""]);
    expect(err).toContain("error: The data folder is not known: ");
    expect(err).toContain(said);
    expect(err).toContain("Give the folder with --data");
  },
);

test("RESP-07: kill finds the folder that a sound configuration computes, and the default of one that is written out", async () => {
  const killed = async (folder: string) => {
    writeSwitch(join(place.folder, folder), {
      mode: "shadow",
      actor: "a",
      reason: "r",
      at: "2026-01-01T00:00:00.000Z",
    });
    await place.run("kill", "--reason", "x");
    return readSwitch(join(place.folder, folder)).mode;
  };
  write('console.log("noise"); setInterval(() => {}, 1_000);', elsewhere);
  expect(await killed("elsewhere")).toBe("killed");
  writeFileSync(join(place.folder, "testudo.config.ts"), "process.exit(0);\nexport default { rpc: [] };");
  expect(await killed(".testudo")).toBe("killed");
});
