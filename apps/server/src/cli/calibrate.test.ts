import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startAnvil } from "@testudo/chain/fork/startAnvil";
import { afterEach, expect, test } from "vitest";
import { standCalibration } from "./stand/standCalibration.ts";
import { openWatches, type Watches } from "./watchProcess.testkit.ts";

const vault = `0x${"11".repeat(20)}`;

test.each([
  ["nothing", {}],
  ["nodes alone", { rpc: ["http://127.0.0.1:9"] }],
  ["contracts alone", { protect: [`0x${"11".repeat(20)}`] }],
])("error: calibrate that is given %s speaks of itself", async (_, flags) => {
  const folder = mkdtempSync(join(tmpdir(), "testudo-calibrate-"));
  const run = standCalibration({ ...flags, data: folder, out: join(folder, "calibration.json"), json: true });
  await expect(run).rejects.toThrow(
    "calibrate does not know what to measure.\n- Needed: --rpc URL and --protect 0x…, or --config FILE.",
  );
  rmSync(folder, { recursive: true });
});

test("error: calibrate refuses a file that has no folder before a node is asked", async () => {
  const out = join(tmpdir(), "testudo-no-such-folder", "calibration.json");
  const run = standCalibration({ rpc: ["http://127.0.0.1:9"], protect: [vault], from: "1", to: "2", out });
  await expect(run).rejects.toThrow(`--out "${out}" cannot be written: there is no folder`);
});

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function openChain(blocks: number): Promise<{ readonly url: string; readonly watches: Watches }> {
  const anvil = await startAnvil({ noMining: true });
  closers.push(() => anvil.stop());
  const ask = (method: string, ...params: unknown[]) => {
    const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
    return fetch(anvil.url, { method: "POST", headers: { "content-type": "application/json" }, body });
  };
  await ask("anvil_setCode", vault, "0x00");
  await ask("anvil_mine", `0x${blocks.toString(16)}`);
  const watches = openWatches();
  closers.push(watches.close);
  return { url: anvil.url, watches };
}

test("error: calibrate beyond the head is refused at once, with the head", async () => {
  const { url, watches } = await openChain(7);
  const run = watches.start(["calibrate", "--rpc", url, "--protect", vault, "--from", "1", "--to", "999999"]);
  expect(await run.ended).toBe(2);
  expect(run.err()).toContain("--to 999999 is beyond the head of the chain.\n- The node's newest block is 7;");
});

test("calibrate tells nobody anything: the secrets of channels, relay and people need not be there", async () => {
  const { url, watches } = await openChain(7);
  const secret = '{ env: "TESTUDO_TEST_UNSET" }';
  const lines = [
    `rpc: ["${url}"], protect: ["${vault}"]`,
    `channels: [{ type: "slack", name: "ops", token: ${secret}, room: "C012345" }]`,
    `preblock: { relayToken: ${secret} }, people: [{ name: "ana", token: ${secret} }]`,
  ];
  const text = `import { defineConfig } from "testudo";\nexport default defineConfig({ ${lines.join(", ")} });`;
  writeFileSync(join(watches.folder, "testudo.config.ts"), text);
  const run = watches.start(["calibrate", "--from", "1", "--to", "3"]);
  expect([await run.ended, run.err()]).toEqual([0, expect.stringContaining("Written to ")]);
  const watch = watches.start(["watch", "--port", "0"]);
  expect(await watch.ended).toBe(2);
  expect(watch.err()).toContain("There is no relay token: environment variable");
});

test("a calibrate that is told to stop says so, writes nothing and ends with 130", async () => {
  const { url, watches } = await openChain(3_000);
  const run = watches.start(["calibrate", "--rpc", url, "--protect", vault, "--from", "1", "--to", "3000"]);
  await run.until(/Block 1000 of 3000/);
  run.kill("SIGINT");
  expect(await run.ended).toBe(130);
  expect(run.err()).toMatch(/Stopped after block \d+: nothing is written/);
  expect(run.err()).not.toContain("not given by the nodes");
  expect(existsSync(join(watches.folder, "calibration.json"))).toBe(false);
});

test("DET-01, DET-05: calibrate names a detector that fails on blocks, and lets none ask for the time", async () => {
  const { url, watches } = await openChain(3);
  const detectors = ["Date.now()", "1"].map(
    (at, i) =>
      `defineDetector({ id: "d${i}", version: "1.0.0", kind: "anomaly", owner: "risk", runbook: "RUNBOOK.md", setup: (app) => app.block({ every: 1 }, () => void (${at})) })`,
  );
  const text = `import { defineConfig, defineDetector } from "testudo";\nexport default defineConfig({ rpc: ["${url}"], protect: ["${vault}"], detectors: [${detectors}] });`;
  writeFileSync(join(watches.folder, "testudo.config.ts"), text);
  const run = watches.start(["calibrate", "--from", "1", "--to", "3"]);
  expect(await run.ended).toBe(0);
  expect(run.err()).toContain(
    'WARNING: Detector "d0" threw on 3 of 3 blocks, and was silent there: DeterminismError: Detector "d0" called Date.now.',
  );
  expect(run.err()).not.toContain('"d1"');
});

test("error: a cut whose ends are exchanged is told as that", async () => {
  const { url, watches } = await openChain(7);
  const range = ["--from", "1", "--to", "7", "--cut", "2026-05-02T00:00Z..2026-05-01T00:00Z=the drain"];
  const run = watches.start(["calibrate", "--rpc", url, "--protect", vault, ...range]);
  expect(await run.ended).toBe(2);
  expect(run.err()).toContain("ends before it begins.");
  expect(run.err()).toContain('Exchange them: "2026-05-01T00:00Z..2026-05-02T00:00Z=the drain".');
});

test("error: calibrate without a range beside a watch that runs says that it runs", async () => {
  const { url, watches } = await openChain(7);
  const named = ["--rpc", url, "--protect", vault];
  const watch = watches.start(["watch", ...named, "--port", "0", "--history", "3"]);
  await watch.until(/http:\/\/127\.0\.0\.1:\d+/);
  const run = watches.start(["calibrate", ...named]);
  expect(await run.ended).toBe(2);
  expect(run.err()).toMatch(/a watch in it that is stopped; that of ".*" runs\.\n- .* or stop the watch first\./);
});
