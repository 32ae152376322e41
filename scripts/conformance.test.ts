import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { packTar } from "../packages/evm/src/conformance/packTar.testkit.ts";
import { after, classicTransfer, expecting } from "../packages/evm/src/conformance/transferTest.testkit.ts";
// @ts-expect-error a script, without types
import { judgeKnown } from "./conformance/known.mjs";
import { root } from "./install.mjs";

// The peer stands in for our engine: what is tried here is the command.
const peer = join(root, "packages", "evm", "dist", "conformance", "openPeerEngine.testkit.js");
const data = process.env.TESTUDO_DATA;
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "conformance-"));
  const command = pathToFileURL(join(root, "scripts", "conformance", "command.mjs")).href;
  writeFileSync(
    join(folder, "run.mjs"),
    `import { runConformance } from ${JSON.stringify(command)};
     process.exitCode = await runConformance(process.argv.slice(2), ${JSON.stringify(peer)});`,
  );
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The command in a process of its own, without the build before it. */
function conformance(args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(folder, "run.mjs"), ...args], {
    encoding: "utf8",
    env: { ...process.env, TESTUDO_DATA: "" },
  });
  return { status, stdout, stderr, lastLine: stdout.trimEnd().split("\n").at(-1) };
}

/** A folder with these files of tests. */
function folderOf(name: string, files: Record<string, unknown>): string {
  const dir = join(folder, name);
  mkdirSync(dir);
  for (const [file, json] of Object.entries(files))
    writeFileSync(join(dir, file), typeof json === "string" ? json : JSON.stringify(json));
  return dir;
}

const good = { transfer: classicTransfer() };
const wrong = { transfer: classicTransfer({ post: { Cancun: [expecting(after(1n)), expecting(after(9n))] } }) };
const old = { old: classicTransfer({ post: { Paris: [expecting(after(1n))], Prague: [expecting(after(1n))] } }) };

describe("EVM-02: the command of the conformance run", () => {
  test("behavior: counts in its last line, after a reason for each skip", () => {
    const dir = folderOf("passing", { "good.json": good, "old.json": old });
    const { status, stdout } = conformance(["--dir", dir, "--workers", "2"]);
    expect({ status, stdout }).toEqual({
      status: 0,
      stdout: "skipped 1: fork Paris is not one of ours\n\n3 passed, 0 failed, 1 skipped\n",
    });
  });

  test("behavior: --json gives the counts and each failure, and exits with 1", () => {
    const dir = folderOf("failing", { "good.json": good, "wrong.json": wrong });
    const { status, stdout } = conformance(["--dir", dir, "--workers", "1", "--json"]);
    expect(status).toBe(1);
    expect(JSON.parse(stdout)).toEqual({
      passed: 3,
      failed: 1,
      skipped: 0,
      failures: [
        { file: "wrong.json", name: "transfer", index: 1, why: expect.stringContaining("Cancun: state root is 0x") },
      ],
      skips: [],
    });
  });

  test("behavior: --fork runs only what it names", () => {
    const dir = folderOf("forks", { "good.json": good, "old.json": old });
    const { stdout, lastLine } = conformance(["--dir", dir, "--workers", "1", "--fork", "Prague"]);
    expect(lastLine).toBe("1 passed, 0 failed, 3 skipped");
    expect(stdout).toContain("skipped 2: fork Cancun was not asked for");
  });

  test("behavior: a malformed file or test fails by name, exits with 2, and the rest runs", () => {
    const dir = folderOf("malformed", { "bad.json": "{", "good.json": good, "half.json": { ...good, bad: {} } });
    const { status, stdout } = conformance(["--dir", dir, "--workers", "1", "--json"]);
    const { passed, failed, failures } = JSON.parse(stdout);
    expect({ status, passed, failed }).toEqual({ status: 2, passed: 4, failed: 2 });
    expect(failures).toMatchObject([
      { file: "bad.json", name: "", index: -1, why: expect.stringContaining("malformed: ") },
      { file: "half.json", name: "bad", index: -1, why: expect.stringContaining("bad transaction is missing.") },
    ]);
  });

  test("behavior: an engine that ends its thread fails the file, and the rest runs on a new one", () => {
    const dir = folderOf("dying", { "a.json": good, "b.json": { ...good, other: classicTransfer() }, "c.json": good });
    const engine = join(folder, "dying.mjs");
    const peerUrl = JSON.stringify(pathToFileURL(peer).href);
    writeFileSync(
      engine,
      `import * as peer from ${peerUrl};
       export function openStateTestEngine() {
         let runs = 0;
         const engine = peer.openStateTestEngine();
         return { runTransaction: (run) => ++runs === 5 ? process.exit(3) : engine.runTransaction(run) };
       }`,
    );
    const { status, stdout } = conformance(["--dir", dir, "--workers", "1", "--engine", engine, "--json"]);
    expect(status).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      passed: 4,
      failures: [{ file: "b.json", index: -1, why: expect.stringContaining("thread ended") }],
    });
  });

  test.each<[string, string[], string]>([
    ["an unknown option", ["--directory", "x"], "Unknown option '--directory'"],
    ["no folder", [], "Neither --dir nor TESTUDO_DATA is set."],
    ["a folder that is not there", ["--dir", "/nowhere/at/all"], '"/nowhere/at/all" cannot be read (ENOENT).'],
    ["an unknown fork", ["--dir", ".", "--fork", "shanghai"], 'Fork "shanghai" is unknown.'],
    ["no threads", ["--dir", ".", "--workers", "0"], '--workers is "0".'],
    ["an engine that is not there", ["--dir", ".", "--engine", "/none.js"], 'The engine "/none.js" is not there.'],
  ])("error: %s is told on standard error and exits with 2", (_, args, message) => {
    const { status, stdout, stderr } = conformance(args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toContain(message);
  });

  test("error: an engine that does not open is told before any test, and exits with 2", () => {
    const engine = join(folder, "broken.mjs");
    writeFileSync(engine, 'export const openStateTestEngine = () => { throw new TypeError("no memory"); };');
    const { status, stdout, stderr } = conformance([
      "--dir",
      folderOf("unopened", { "a.json": good }),
      "--engine",
      engine,
    ]);
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toContain("does not open: TypeError: no memory.");
  });

  test("error: a folder without any test is no pass", () => {
    const { status, stderr } = conformance(["--dir", folderOf("empty", { "README.md": "none" })]);
    expect(status).toBe(2);
    expect(stderr).toContain("holds no tests");
  });

  test("error: a run in which every case is skipped is no pass", () => {
    const dir = folderOf("skipped", {
      "old.json": { old: classicTransfer({ post: { Paris: [expecting(after(1n))] } }) },
    });
    const { status, lastLine, stderr } = conformance(["--dir", dir, "--workers", "1"]);
    expect({ status, lastLine }).toEqual({ status: 1, lastLine: "0 passed, 0 failed, 1 skipped" });
    expect(stderr).toContain("No case ran.");
  });

  test("behavior: a failure on the list in git is named as known and fails all the same", () => {
    const failures = [{ file: "st.tar.gz/st/a.json", name: "a", index: 0, why: "Cancun: x" }];
    const ran = ["st.tar.gz/st/a.json", "st.tar.gz/st/b.json"];
    const known = [
      { file: "st/a.json", name: "a", index: 0, reason: "too deep" },
      { file: "st/b.json", name: "b", index: 2, reason: "mended since" },
    ];
    expect(judgeKnown({ failures, ran }, known)).toEqual({
      failures: [{ ...failures[0], why: "known (too deep): Cancun: x" }],
      stale: ["st/b.json b [2]"],
    });
  });

  test.skipIf(!data)(
    "behavior: real cases out of archives agree with the peer (skipped without TESTUDO_DATA: the suite is not in git)",
    () => {
      const dir = folderOf("real", {});
      const names = ["stExample", "stChainId", "stSLoadTest", "stTransitionTest"];
      for (const name of names)
        symlinkSync(join(data!, "ethereum-tests", `${name}.tar.gz`), join(dir, `${name}.tar.gz`));
      writeFileSync(
        join(dir, "own.tar.gz"),
        gzipSync(packTar([{ name: "own/good.json", text: JSON.stringify(good) }])),
      );
      const { status, lastLine } = conformance(["--dir", dir]);
      expect({ status, lastLine }).toEqual({ status: 0, lastLine: "50 passed, 0 failed, 0 skipped" });
    },
  );
});
