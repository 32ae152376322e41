// What a shorter search does to the ranking of a longer one, as a person runs both.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openGround } from "@testudo/lab/raid/openGround";
import { recordedAccounts } from "@testudo/lab/raid/toCapsule";
import { fromHex } from "@testudo/lab/record/bytes";
import type { RaidReport } from "testudo/raid/RaidReport";
import { encodeFunctionData } from "viem/utils";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type NaiveScenario, naiveScenario } from "./naiveScenarios.ts";
import { writeScenario } from "./writeScenario.ts";

const bin = fileURLToPath(new URL("../../../apps/server/bin/testudo.js", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "ranking-"));
const out = join(folder, "out");
const short = "200";
let given: NaiveScenario;
let full: RaidReport;

function run(scenario: NaiveScenario, calls: string, ...flags: string[]): string {
  const path = writeScenario(join(folder, "scenario"), scenario, given.scenario.contracts[0]!.address);
  const all = ["--config", path, "--calls", calls, "--workers", "1", "--out", out, ...flags];
  return execFileSync(process.execPath, [bin, "attack", ...all], { cwd: folder, stdio: "pipe" }).toString();
}
const report = (scenario: NaiveScenario, calls: string): RaidReport => JSON.parse(run(scenario, calls, "--json"));
const kept = () => JSON.parse(readFileSync(join(out, rankingName()), "utf8"));
const rankingName = () => readdirSync(out).find((name) => name.startsWith("ranking-"))!;
const unchanged = { added: [], gone: [], moved: [] };

beforeAll(async () => {
  given = await naiveScenario("20");
  full = report(given, "20000");
});
afterAll(() => rmSync(folder, { recursive: true }));

describe("LAB-33: a threat that a search does not find stays in the ranking", () => {
  test("where its plan, played again, still works: with when it was found last and by how many calls", () => {
    expect([full.threats.length, full.difference]).toEqual([full.findings.length, null]);
    const [known] = full.threats;
    const { findings, threats, difference } = report(given, short);
    expect([findings, difference]).toEqual([[], unchanged]);
    const [{ at }] = kept().threats.map(({ seen }: { seen: { at: string } }) => seen);
    expect(Date.now() - Date.parse(at)).toBeLessThan(600_000);
    const notFoundThisTime = { lastSeen: at, calls: full.calls, again: "works", why: null };
    expect(threats).toEqual([{ ...known, notFoundThisTime }]);
    const told = run(given, short);
    expect(told).toContain(
      `1. ${known!.id}: ${known!.gain} USD gained at a cost of 0\n   not found this time, last on ${at}`,
    );
    expect(told).toContain(`in a run of ${full.calls} calls; played again it still works\n   ${known!.defence!.name} `);
    expect(told).toContain("The same as in the last ranking.");
    // Whoever finds it again is told no news.
    const again = report(given, "20000");
    expect([again.difference, again.threats]).toEqual([unchanged, full.threats]);
  });

  test("at the prices of today", () => {
    const [dollars, ...rest] = given.scenario.assets;
    const assets = [{ ...dollars!, priceWad: 2n * dollars!.priceWad }, ...rest];
    const dear = { ...given, scenario: { ...given.scenario, assets } };
    const { threats, difference } = report(dear, short);
    const { id, gain } = full.threats[0]!;
    expect(threats[0]).toMatchObject({ id, gain: 2 * gain, notFoundThisTime: { again: "works" } });
    expect(difference).toMatchObject({
      added: [],
      gone: [],
      moved: [{ id, figures: { gain: { before: gain, after: 2 * gain } } }],
    });
    expect(report(given, short).threats[0]).toMatchObject({ id, gain });
  });

  test("also where that cannot be tried, and it is said why", () => {
    const file = readdirSync(out).find((name) => name.endsWith(".capsule.json.gz"))!;
    const [place, away] = [join(out, file), join(folder, file)];
    renameSync(place, away);
    const again = () => report(given, short).threats[0]!.notFoundThisTime;
    expect(again()).toMatchObject({ again: "not played", why: "Its capsule is not there." });
    writeFileSync(`${place}.age`, "sealed");
    expect(again()).toMatchObject({ again: "not played", why: "Its capsule is encrypted." });
    rmSync(`${place}.age`);
    writeFileSync(place, readFileSync(away).subarray(0, 500));
    expect(again()).toMatchObject({ again: "not played", why: expect.stringContaining(file) });
    renameSync(away, place);
    expect(again()).toMatchObject({ again: "works" });
  });

  test("and is gone where its plan gains nothing any more, or uses what is not declared any more", async () => {
    const [treasury] = given.scenario.contracts;
    const ranking = readFileSync(join(out, rankingName()));
    // Somebody initialises it.
    const engine = await openGround(given.capsule);
    const args = treasury!.abi.flatMap((item) =>
      item.type === "function" && item.name === "initialize" ? item.inputs : [],
    );
    const owner = `0x${"9".repeat(40)}` as const;
    const input = encodeFunctionData({ abi: treasury!.abi, functionName: "initialize", args: args.map(() => owner) });
    engine.call({ from: owner, to: treasury!.address, input: fromHex(input), gas: 1_000_000n });
    const mended = { ...given, capsule: { ...given.capsule, accounts: recordedAccounts(engine) } };
    const { id } = full.threats[0]!;
    const one = report(mended, short);
    expect([one.threats, one.difference!.gone]).toMatchObject([
      [],
      [{ id, rank: 1, why: "Played again it gains nothing." }],
    ]);
    expect(kept().threats).toEqual([]);
    writeFileSync(join(out, rankingName()), ranking);
    const abi = treasury!.abi.filter((item) => !("name" in item && item.name === "initialize"));
    const contracts = [{ ...treasury!, abi }, ...given.scenario.contracts.slice(1)];
    const told = run({ ...given, scenario: { ...given.scenario, contracts } }, short);
    expect(told).toMatch(
      new RegExp(`gone, was rank 1 with a gain of [0-9.]+: ${id}\\. The scenario does not have all`),
    );
  });
});

test("LAB-33: the risk engine's chance and cost of a power stand in the ranking, and another volatility is told", async () => {
  const zero = await naiveScenario("05");
  const place = join(folder, "risk");
  const path = writeScenario(place, zero, zero.scenario.contracts[0]!.address);
  const declared = JSON.parse(readFileSync(path, "utf8")) as { powers: object[] };
  const pool = { quote: 1_000_000, base: 500, fee: 0.003 };
  const search = (sigma: number): RaidReport => {
    const terms = { probability: { move: -0.3, sigma, seconds: 86_400 }, cost: { move: 0.01, pool } };
    writeFileSync(
      path,
      JSON.stringify({ ...declared, powers: declared.powers.map((power) => ({ ...power, ...terms })) }),
    );
    const flags = ["--config", path, "--calls", "12000", "--workers", "1", "--json", "--out", join(place, "out")];
    return JSON.parse(
      execFileSync(process.execPath, [bin, "attack", ...flags], { cwd: folder, stdio: "pipe" }).toString(),
    );
  };
  const wild = search(2);
  const [threat] = wild.threats;
  expect(threat!.chance).toEqual({ model: "move", move: -0.3, motion: { sigma: 2, mu: 0 }, seconds: 86_400 });
  expect(threat!.probability).toBeGreaterThan(0.0001);
  expect(threat!.cost).toBeGreaterThan(0);
  expect(threat!.expectedProfit).toBeCloseTo(threat!.probability * (threat!.gain - threat!.cost), 6);
  const calm = search(1);
  expect(calm.threats[0]!.probability).toBeLessThan(threat!.probability);
  expect(calm.difference!.moved).toMatchObject([
    { id: threat!.id, figures: { probability: { before: threat!.probability, after: calm.threats[0]!.probability } } },
  ]);
});
