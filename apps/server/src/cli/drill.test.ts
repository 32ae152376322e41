import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { chainPort, isFree, playServed, type ServedDrill } from "./servedDrill.testkit.ts";

const bin = fileURLToPath(new URL("../../bin/testudo.js", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "testudo-drill-"));

interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function testudo(...args: string[]): Promise<Ran> {
  return new Promise((resolve) => {
    execFile(process.execPath, [bin, ...args], { cwd: folder, maxBuffer: 1 << 26 }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? 1), stdout, stderr });
    });
  });
}

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("drill --json on Perpetual Protocol v2", () => {
  let ran: Ran;
  let again: Ran | ServedDrill;
  let served: ServedDrill | undefined;
  // Two at once: each makes the machine slow for the other, and the object may not show it.
  beforeAll(async () => {
    const args = (data: string) => ["--seed", "3", "--scenario", "curie-thin-pump", "--json", "--data", data];
    const play = (data: string) => testudo("drill", ...args(join(folder, data)));
    const playAgain = async () => {
      if (!(await isFree(chainPort))) return play("again");
      served = await playServed(args(join(folder, "again")));
      return served;
    };
    [ran, again] = await Promise.all([play("data"), playAgain()]);
  }, 360_000);

  test("behavior: the attack is contained, and standard output is one JSON object", () => {
    expect([ran.code, ran.stdout.trim().split("\n").length], ran.stderr).toEqual([0, 1]);
    const { seed, scenarios, totals } = JSON.parse(ran.stdout);
    expect(Object.keys(JSON.parse(ran.stdout))).toEqual(["seed", "scenarios", "totals"]);
    expect(seed).toBe(3);
    expect(Object.keys(scenarios[0])).toEqual([
      "name",
      "kind",
      "protocol",
      "naive",
      "defended",
      "savedShare",
      "firstBadBlock",
      "alertMs",
      "pausedBlock",
      "pausedSelectors",
      "riskReducingStillOpen",
      "falseAlerts",
      "benignTx",
      "remediation",
    ]);
    expect(Object.keys(totals)).toEqual([
      "scenarios",
      "naiveLossUsd",
      "defendedLossUsd",
      "savedShare",
      "falseAlerts",
      "benignTx",
      "meanGuardSeconds",
      "meanUpgradeSeconds",
    ]);
  });

  test("behavior: without defence others lose six figures, with it next to nothing", () => {
    const [score] = JSON.parse(ran.stdout).scenarios;
    expect(score.naive.lossUsd).toBeGreaterThan(100_000);
    expect(score.defended.lossUsd).toBeLessThan(score.naive.lossUsd / 100);
    expect(score.savedShare).toBeCloseTo(1 - score.defended.lossUsd / score.naive.lossUsd, 9);
  });

  test("behavior: the same seed gives the same object except the milliseconds", () => {
    const withoutMs = (text: string) =>
      JSON.parse(text, (key, value) => (key === "alertMs" ? Number(value !== null) : value));
    expect(withoutMs(again.stdout)).toEqual(withoutMs(ran.stdout));
  });

  test("LAB-23: the time from the first bad transaction to the guard on chain is two seconds, that is one block", () => {
    const { scenarios, totals } = JSON.parse(ran.stdout);
    expect(scenarios[0].remediation).toEqual({
      guard: "pause",
      guardSeconds: 2,
      ruleMs: null,
      upgrade: null,
      upgradeMs: null,
    });
    expect([totals.meanGuardSeconds, totals.meanUpgradeSeconds]).toEqual([2, null]);
  });

  test("behavior: the pause is in force one block after the first bad one, on outflow and new risk, at one end", () => {
    const [score] = JSON.parse(ran.stdout).scenarios;
    expect(score.pausedBlock).toBe(score.firstBadBlock + 1);
    expect(score.pausedSelectors.map((p: { selector: string }) => p.selector)).toEqual([
      "0xf3fef3a3", // withdraw(address,uint256)
      "0xfa09e630", // withdrawAll(address)
      "0x3bed33ce", // withdrawEther(uint256)
      "0x31c91117", // withdrawAllEther()
      "0xb6b1b6c3", // openPosition
      "0x00c2473e", // openPositionFor
      "0xc35eb28c", // addLiquidity
    ]);
    expect(new Set(score.pausedSelectors.map((p: { until: number }) => p.until)).size).toBe(1);
  });

  test("RESP-02: what reduces risk works while the pause is on, and nobody honest is accused", () => {
    const [score] = JSON.parse(ran.stdout).scenarios;
    expect(score.riskReducingStillOpen).toBe(true);
    expect(score.falseAlerts).toBe(0);
    expect(score.benignTx).toBeGreaterThan(50);
  });

  test("behavior: the time from block to alert is told in milliseconds", () => {
    for (const { stdout } of [ran, again]) {
      const [{ alertMs }] = JSON.parse(stdout).scenarios;
      expect(alertMs).toBeTypeOf("number");
      expect(alertMs).toBeGreaterThanOrEqual(0);
    }
  });

  test("behavior: the last lines name the folder and how to look at it", async () => {
    const data = join(folder, "data", "drill", "curie-thin-pump");
    expect(ran.stderr).toContain(`All that was seen and done stands in "${data}".`);
    expect(ran.stderr).toContain(`testudo status --data "${data}"`);
    const missed = await testudo("status", "--data", join(folder, "data"));
    expect([missed.code, missed.stderr]).toEqual([2, expect.stringContaining(`Drills left theirs in "${data}".`)]);
  });

  test("behavior: with --serve health and events stand after the scorecard, and SIGTERM leaves nothing behind", ({
    skip,
  }) => {
    skip(served === undefined, `port ${chainPort}, which is fixed, is in use by another program`);
    const { healthz, eventsType, events, left, code, stderr } = served!;
    expect(healthz).toMatchObject({ ok: true });
    expect(eventsType).toBe("text/event-stream");
    expect(events).toMatch(/^id: \d+$/m);
    expect([code, left], stderr).toEqual([0, []]);
  });

  test("RESP-14: a passed drill leaves the receipt that arming asks for", async () => {
    expect(JSON.parse(readFileSync(join(folder, "data", "drill.json"), "utf8"))).toMatchObject({ seed: 3 });
    expect((await testudo("arm", "--reason", "test", "--data", join(folder, "data"))).code).toBe(0);
  });

  test("RESP-13: the evidence of the drill verifies", async () => {
    const verified = await testudo("evidence", "verify", "--data", join(folder, "data", "drill", "curie-thin-pump"));
    expect(verified.code, verified.stderr + verified.stdout).toBe(0);
  });
});

describe("drill --json on an exchange that embeds the modules", () => {
  let ran: Ran;
  beforeAll(async () => {
    const args = ["--scenario", "15_InflowCredit", "--json", "--seed", "3", "--data", join(folder, "embedded")];
    ran = await testudo("drill", ...args);
  }, 360_000);

  test("PERP-07: the attack is bounded as stated, under the watch and beside honest people", () => {
    expect(ran.code, ran.stderr).toBe(0);
    const [score] = JSON.parse(ran.stdout).scenarios;
    expect(score).toMatchObject({ name: "15_InflowCredit", kind: "inflow-credit", protocol: "ReferencePerp" });
    expect(score.naive.lossUsd).toBeGreaterThan(900_000);
    expect(score.defended.lossUsd).toBeLessThanOrEqual(score.defended.boundUsd);
    expect(score.riskReducingStillOpen).toBe(true);
    expect(score.falseAlerts).toBe(0);
    expect(score.benignTx).toBeGreaterThan(30);
  });
});

describe("drill --json on attacks of one transaction", () => {
  const play = (scenario: string) =>
    testudo("drill", "--scenario", scenario, "--json", "--seed", "3", "--data", join(folder, scenario));
  let pending: Ran;
  let probe: Ran;
  // Two at once: most of a play is waiting for its blocks.
  beforeAll(async () => {
    [pending, probe] = await Promise.all([play("preblock-pending"), play("preblock-probe")]);
  }, 600_000);

  test("PRE-01: acting on blocks is late, acting on the pool saves all, and the pause stands in the attack's own block", () => {
    expect(pending.code, pending.stderr).toBe(0);
    const [score] = JSON.parse(pending.stdout).scenarios;
    expect(score.naive.lossUsd).toBeGreaterThan(1_000_000);
    expect(score.defended.lossUsd).toBe(0);
    expect(score.beforeBlock).toMatchObject({ blocksToPause: 0 });
    expect(score.beforeBlock.afterBlockLossUsd).toBeGreaterThan(1_000_000);
    expect(score.beforeBlock.savedUsd).toBe(score.beforeBlock.afterBlockLossUsd);
    expect(score.riskReducingStillOpen).toBe(true);
    expect(score.falseAlerts).toBe(0);
  });

  test("PRE-06: a contract that is laid ready is found out in its own block, and the pause stands before anyone calls it", () => {
    expect(probe.code, probe.stderr).toBe(0);
    const [score] = JSON.parse(probe.stdout).scenarios;
    expect(score.naive.lossUsd).toBeGreaterThan(990_000);
    expect(score.defended.lossUsd).toBe(0);
    expect(score.beforeBlock.afterBlockLossUsd).toBeGreaterThan(990_000);
    expect(score.beforeBlock.savedUsd).toBe(score.beforeBlock.afterBlockLossUsd);
    // Made three blocks before the attack, found in the same, paused in the next.
    expect(score.beforeBlock.blocksToPause).toBe(-2);
    expect(score.beforeBlock.predictedMs).toBeGreaterThan(0);
    expect(score.riskReducingStillOpen).toBe(true);
    // The savings box that somebody made for the same exchange was probed as well.
    expect(score.falseAlerts).toBe(0);
  });
});

describe("drill --json on a source that a template mends", () => {
  test("LAB-23: a rule derived from the attack, which nobody signs, stands in the next block, and a verified upgrade proposal follows, timed", async () => {
    const ran = await testudo(
      "drill",
      "--scenario",
      "pawn-raid",
      "--json",
      "--seed",
      "3",
      "--data",
      join(folder, "pawn"),
    );
    expect(ran.code, ran.stderr).toBe(0);
    const { scenarios, totals } = JSON.parse(ran.stdout);
    const { remediation, falseAlerts, savedShare } = scenarios[0];
    expect(remediation).toMatchObject({ guard: "rule", guardSeconds: 2, upgrade: "health check in reclaim" });
    expect(remediation.ruleMs).toBeGreaterThan(0);
    expect(remediation.upgradeMs).toBeGreaterThan(0);
    expect(totals.meanGuardSeconds).toBe(2);
    expect(totals.meanUpgradeSeconds).toBeCloseTo(2 + remediation.upgradeMs / 1_000, 9);
    expect([falseAlerts, savedShare > 0.9]).toEqual([0, true]);
    const patch = JSON.parse(readFileSync(join(folder, "pawn", "drill", "pawn-raid", "upgrade.patch.json"), "utf8"));
    expect(patch).toMatchObject({ format: "testudo-patch/1", kind: "upgrade", name: "health check in reclaim" });
  }, 300_000);
});

describe("drill's usage", () => {
  test("error: an unknown scenario or a seed that is no number ends with 2", async () => {
    const unknown = await testudo("drill", "--scenario", "nope", "--json");
    expect([unknown.code, unknown.stdout]).toEqual([2, ""]);
    expect(unknown.stderr).toContain("Known: curie-thin-pump, 01_SpotOracleFlashLoan, 02_");
    expect(unknown.stderr.match(/\d\d_\w+/g)).toHaveLength(23);
    expect((await testudo("drill", "--seed", "one")).code).toBe(2);
  });

  test("error: a taken port is said before anything is deployed", async () => {
    const taken = createServer();
    const port = await new Promise<number>((resolve) => {
      taken.listen(0, "127.0.0.1", () => resolve((taken.address() as { port: number }).port));
    });
    const ran = await testudo("drill", "--serve", "--port", `${port}`);
    taken.close();
    expect(ran.code).toBe(1);
    expect(ran.stderr).toContain(`${port}`);
    expect(ran.stderr).toContain("--port");
  });
});
