import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { startAnvil } from "@testudo/chain/fork/startAnvil";
import { openEndpoint } from "@testudo/chain/rpc/rpcEndpoint";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openPlace, type Place } from "./place.testkit.ts";
import { openWatches } from "./watchProcess.testkit.ts";

let place: Place;
beforeEach(() => {
  place = openPlace();
  mkdirSync(join(place.folder, "blocks"));
});
afterEach(() => place.remove());

const address = (n: number) => `0x${n.toString(16).padStart(40, "0")}`;
const hash = (n: number) => `0x${n.toString(16).padStart(64, "0")}`;

// Pays what it has to whoever calls it with nothing; the second is a transfer, the third enters unknown code.
const till = address(0x7111);
const tx = (n: number, to: string, value = "0x0") => ({
  hash: hash(n),
  from: address(0xa1),
  to,
  value,
  input: "0x",
  gas: "0x186a0",
  nonce: `0x${(n - 1).toString(16)}`,
  gasPrice: "0xa",
});
const block = (transactions: object[]) => ({
  format: "testudo-block/1",
  block: {
    hash: hash(9),
    parentHash: hash(8),
    number: "0x1312d00",
    timestamp: "0x665ba27f",
    gasLimit: "0x1c9c380",
    miner: address(0xc3),
    baseFeePerGas: "0x7",
    mixHash: hash(7),
    transactions,
  },
  preState: {
    [address(0xa1)]: { balance: "0xde0b6b3a7640000", nonce: 0, code: "0x", storage: {} },
    [till]: { balance: "0x56bc75e2d63100000", nonce: 1, code: "0x600060006000600047335af100", storage: {} },
    [address(0xe5)]: { balance: "0x0", nonce: 1, code: "0x", codeHash: hash(5), storage: {} },
  },
  missingCode: [address(0xe5)],
});
const put = (name: string, text: string) => writeFileSync(join(place.folder, name), text);
const good = () =>
  put("blocks/1.json", JSON.stringify(block([tx(1, till), tx(2, address(0xb2), "0x1"), tx(3, address(0xe5))])));

test("BACK-03: blocks give one object with its counts, and the pages that were asked for", async () => {
  good();
  const { code, out } = await place.run(
    "backtest",
    "--blocks",
    "blocks",
    "--json",
    "--html",
    "page.html",
    "--out",
    "out",
  );
  expect(code).toBe(0);
  expect(out.trim().split("\n")).toHaveLength(1);
  const result = JSON.parse(out);
  expect(result).toMatchObject({ complete: true, transactions: 3, judged: 2, skipped: { "missing-code": 1 } });
  expect(result.alerts).toMatchObject({ critical: 0 });
  expect(result.alertedTransactions.high).toBe(1);
  expect(result.perDetector["asset-drain"].high).toBeGreaterThanOrEqual(1);
  expect(readFileSync(join(place.folder, "page.html"), "utf8")).toContain("Confusion matrix");
  expect(JSON.parse(readFileSync(join(place.folder, "out", "report.json"), "utf8")).cases).toHaveLength(3);
  expect(readFileSync(join(place.folder, "out", "report.md"), "utf8")).toContain("## Limits");

  const again = await place.run("backtest", "--blocks", "blocks/1.json", "--baseline", "out/report.json");
  expect(again).toMatchObject({ code: 0 });
  expect(again.out).toContain("Difference: none.");
  // A baseline that had no false alarm: now there is one more.
  const calm = JSON.parse(readFileSync(join(place.folder, "out", "report.json"), "utf8"));
  for (const one of calm.cases) if (one.findings) one.findings = [];
  put("calm.json", JSON.stringify(calm));
  const worse = await place.run("backtest", "--blocks", "blocks/1.json", "--baseline", "calm.json");
  expect(worse.code).toBe(1);
  expect(worse.out).toContain(`new false alarm: ${hash(1)}`);
  expect(worse.err).toContain("of 2 cases that both judged: 1 false alarm is new.");
  // Nothing is common: that is no answer of "no worse".
  put("other.json", JSON.stringify({ ...calm, cases: [] }));
  const nothing = await place.run("backtest", "--blocks", "blocks/1.json", "--baseline", "other.json");
  expect(nothing.code).toBe(2);
  expect(nothing.err).toContain('--baseline "other.json" has no case in common with what was judged');
});

test("BACK-03: a bad file among good ones is named, the others are judged, and it ends with 2", async () => {
  good();
  put("blocks/0.json", "{");
  put("blocks/2.json", JSON.stringify({ format: "testudo-capsule/1" }));
  const { code, out, err } = await place.run("backtest", "--blocks", "blocks", "--json");
  expect(code).toBe(2);
  const result = JSON.parse(out);
  expect(result).toMatchObject({ transactions: 3, judged: 2 });
  expect(result.faults).toHaveLength(2);
  expect(err).toContain("is no recorded block");
  expect(err).not.toMatch(/\n\s+at /);
});

test("BACK-03: told to stop it prints what it has, marked as a part, and ends with 130", async () => {
  // Each runs two million gas of a loop: long enough together to be stopped.
  const loop = address(0x1007);
  const long = block(Array.from({ length: 80 }, (_, n) => ({ ...tx(n + 1, loop), gas: "0x1e8480" })));
  put(
    "blocks/1.json",
    JSON.stringify({
      ...long,
      preState: { ...long.preState, [loop]: { balance: "0x0", nonce: 1, code: "0x5b600056", storage: {} } },
    }),
  );
  const watches = openWatches();
  try {
    const running = watches.start(["backtest", "--blocks", join(place.folder, "blocks"), "--json"]);
    await running.until(/transactions/, 120_000);
    running.kill("SIGINT");
    expect(await running.ended).toBe(130);
    const result = JSON.parse(running.out());
    expect(result.complete).toBe(false);
    expect(result.judged).toBeLessThan(80);
  } finally {
    await watches.close();
  }
});

test.each([
  ["nothing to judge", [], "does not know what to judge"],
  ["no such folder", ["--blocks", "none"], '--blocks "none" is not there.'],
  ["an empty folder", ["--blocks", "blocks"], "holds no file"],
  ["trees without labels", ["--traces", "tree.json"], "without labels"],
  ["a table without its column", ["--traces", "tree.json", "--labels", "tree.json"], 'has no column "tx"'],
  ["half a range", ["--from", "1"], "--to is not given."],
  ["a range backwards", ["--from", "2", "--to", "1"], "is behind"],
  ["a range of nobody", ["--from", "1", "--to", "2"], "whose range"],
  ["no earlier result", ["--blocks", "tree.json", "--baseline", "tree.json"], "is no earlier result"],
  [
    "a baseline that is not there",
    ["--blocks", "tree.json", "--baseline", "none.json"],
    '"none.json" is no earlier result: it is not there.',
  ],
  ["a baseline of other cases", ["--blocks", "tree.json", "--baseline", "odd.json"], '"cases.0.truth" is missing'],
  ["a page in no folder", ["--blocks", "tree.json", "--html", "none/x.html"], 'there is no folder "none"'],
  [
    "a folder for the page",
    ["--blocks", "tree.json", "--html", "blocks"],
    '--html "blocks" cannot be written: it is a folder',
  ],
  [
    "a file for the folder",
    ["--blocks", "tree.json", "--out", "tree.json"],
    '--out "tree.json" is no folder to write to',
  ],
  ["no such scenario", ["--scenario", "none"], '--scenario "none" is none.'],
])("BACK-03: error: %s ends with 2", async (_, args, text) => {
  put("tree.json", "{}");
  put("odd.json", JSON.stringify({ format: "testudo-backtest/1", cases: [{ tx: hash(1), source: "a" }] }));
  const { code, out, err } = await place.run("backtest", ...args);
  expect({ code, out }).toEqual({ code: 2, out: "" });
  expect(err).toContain(text);
  expect(existsSync(join(place.folder, "none"))).toBe(false);
});

test("DET-07, EVAL-10: a row of the incident corpus is played by its name, and its table printed", async () => {
  const { code, out } = await place.run("backtest", "--scenario", "kelp-dao", "--out", "out");
  expect(code).toBe(0);
  expect(out).toContain("## Incident corpus");
  expect(out).toMatch(/KelpDAO rsETH 2026-04 .* the block of the loss .* bridge-unbacked critical/);
  const report = JSON.parse(readFileSync(join(place.folder, "out", "report.json"), "utf8"));
  expect(report.incidents).toMatchObject([{ name: "kelp-dao", missed: [], first: { block: 0 } }]);
});

test("DET-01, DET-05: a detector that asks for the time fails over history as it does live, and it ends with 2", async () => {
  const anvil = await startAnvil({ noMining: true });
  const node = openEndpoint(anvil.url);
  try {
    const [from] = (await node.request("eth_accounts")) as [string];
    await node.request("eth_sendTransaction", [{ from, to: till, value: "0x1" }]);
    await node.request("evm_mine");
    put(
      "testudo.config.ts",
      `import { defineConfig, defineDetector } from "testudo";
      const hasty = defineDetector({
        id: "hasty", version: "1.0.0", kind: "anomaly", owner: "risk", runbook: "RUNBOOK.md",
        setup: (app) => app.tx((c) => c.finding({ severity: "high", evidence: { at: Date.now() } })),
      });
      export default defineConfig({ rpc: ["${anvil.url}"], protect: ["${till}"], detectors: [hasty] });`,
    );
    const range = ["--config", "testudo.config.ts", "--from", "1", "--to", "1"];
    const { code, out, err } = await place.run("backtest", ...range, "--json");
    expect(err).toContain('block 1: Detector "hasty" threw: DeterminismError: Detector "hasty" called Date.now.');
    expect(JSON.parse(out)).toMatchObject({ judged: 1, perDetector: {}, faults: [{ source: "node, block 1" }] });
    expect(code).toBe(2);
  } finally {
    node.close();
    await anvil.stop();
  }
});
