import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { deserialize, serialize } from "node:v8";
import { type Confirmed, confirmPlan } from "@testudo/lab/raid/confirmPlan";
import type { Find } from "@testudo/lab/raid/Find";
import { openGround } from "@testudo/lab/raid/openGround";
import { openRaid } from "@testudo/lab/raid/openRaid";
import { tellPlan } from "@testudo/lab/raid/tellPlan";
import { groundOf, toCapsule } from "@testudo/lab/raid/toCapsule";
import { parseCapsule } from "@testudo/lab/record/parseCapsule";
import { writeCapsule } from "@testudo/lab/record/writeCapsule";
import { anvilPeer } from "testudo/capsule/openAnvil";
import type { FoundPlan } from "testudo/raid/RaidReport";
import { erc20Abi } from "viem";
import { encodeFunctionData } from "viem/utils";
import { afterAll, expect, test } from "vitest";
import { morphoScenario } from "./morphoScenario.ts";
import { type NaiveScenario, naiveScenario } from "./naiveScenarios.ts";
import { writeScenario } from "./writeScenario.ts";

const dollar = 10n ** 18n;
const bin = fileURLToPath(new URL("../../../apps/server/bin/testudo.js", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "raid-"));
afterAll(() => rmSync(folder, { recursive: true }));

interface Searched {
  readonly finds: readonly Find[];
  readonly told: string[][];
  confirm(find: Find): Promise<Confirmed>;
}

async function searchIn({ capsule, scenario }: NaiveScenario, calls: number, seed: number): Promise<Searched> {
  const engine = await openGround(capsule);
  const raid = openRaid(engine, scenario, seed, 100n * dollar);
  raid.advance(calls);
  return {
    finds: raid.finds,
    told: raid.finds.map(({ plan }) => tellPlan(plan, scenario)),
    async confirm({ plan, gainWad }) {
      const found = await parseCapsule(
        writeCapsule(toCapsule(engine, groundOf(capsule), scenario, raid.cast, plan)),
        "find",
      );
      const used = plan.flatMap((move) => (move.kind === "power" ? [scenario.powers[move.power]!] : []));
      const costWad = used.reduce((sum, power) => sum + power.costWad, 0n);
      return confirmPlan(anvilPeer, found, { scenario, accounts: raid.cast.accounts, gainWad, costWad });
    },
  };
}

// How much each seed finds is in docs/lab-figures.md; these are the quick ones.
test.each([
  ["01", "a spot price that a trade of the same block moved", 12_000, 1_000n, "pool.buyBase"],
  ["04", "a price that is stale", 24_000, 90_000n, "power: the feed is itself again"],
  ["05", "a feed that says zero for a moment", 12_000, 1_000n, "power: the feed says zero"],
  ["14", "a maker's stolen key", 20_000, 800_000n, "perp.removeLiquidity"],
  ["19", "votes that are there for the length of a loan", 30_000, 100_000n, "MomentGovernor.passAndRun"],
  ["20", "a proxy that nobody initialised", 20_000, 119_000n, "treasury.initialize"],
  ["22", "a bounty that pays whoever reveals first", 2_000, 99_000n, "FirstReveal.reveal"],
])(
  "LAB-30, LAB-31: of the naive twin it finds %s, %s, and anvil comes to the same",
  async (attack, _, calls, least, move) => {
    const given = await naiveScenario(attack);
    const { finds, told, confirm } = await searchIn(given, calls, 1);
    const found = told.findIndex((moves) => moves.some((line) => line.includes(move)));
    expect(finds[found]?.gainWad).toBeGreaterThan(least * dollar);
    expect(await confirm(finds[found]!)).toEqual({ engine: "anvil", ok: true, difference: null });
  },
);

test("LAB-30, LAB-31: of Morpho Blue it finds the over-borrow against a price that a pool makes", async () => {
  const { finds, told } = await searchIn(await morphoScenario(), 106_000, 3);
  const found = told.findIndex((moves) => moves.some((line) => line.includes("morpho.borrow(")));
  // More than the collateral is worth, at the price that everybody else pays.
  expect(finds[found]?.gainWad).toBeGreaterThan(50_000n * dollar);
});

test("LAB-31: a figure of the protocol that passes its limit is an objective of its own", async () => {
  const { capsule, scenario } = await naiveScenario("20");
  const [treasury, dollars] = [scenario.contracts[0]!.address, scenario.assets[0]!.token!];
  const input = encodeFunctionData({ abi: erc20Abi, functionName: "balanceOf", args: [treasury] });
  const fees = { name: "the treasury's fees", to: dollars, input, word: 0, breaks: { below: 120_000n * 10n ** 6n } };
  const broken = { ...fees, name: "broken before", breaks: { above: 0n } };
  const { finds } = await searchIn({ capsule, scenario: { ...scenario, figures: [fees, broken] } }, 20_000, 1);
  expect(finds.flatMap(({ figure }) => figure ?? [])).toEqual(["the treasury's fees"]);
  const { plan } = finds.find(({ figure }) => figure !== undefined)!;
  expect(plan.map((move) => move.kind === "call" && move.callable.abi.name)).toEqual(["initialize", "sweep"]);
});

test("LAB-34: as many calls from the same seed find the same, and from another seed by another way", async () => {
  const search = async (seed: number) => {
    const { finds, told } = await searchIn(await naiveScenario("20"), 20_000, seed);
    return { finds, told };
  };
  const [one, again, other] = [await search(1), await search(1), await search(2)];
  expect(again).toEqual(one);
  expect(other.finds[0]?.atCall).not.toBe(one.finds[0]?.atCall);
});

test("LAB-34: a search that was stopped and goes on finds what it would have found in one go", async () => {
  const given = await naiveScenario("20");
  const path = writeScenario(join(folder, "stopped"), given, given.scenario.contracts[0]!.address);
  const state = join(folder, "state");
  const run = (calls: number, ...flags: string[]) => {
    const out = join(folder, `out-${calls}-${flags.length}`);
    const all = ["--config", path, "--calls", String(calls), "--workers", "2", "--json", "--out", out, ...flags];
    return JSON.parse(
      execFileSync(process.execPath, [bin, "attack", ...all], { cwd: folder, stdio: "pipe" }).toString(),
    );
  };
  const found = ({ calls, findings }: ReturnType<typeof run>) => ({
    calls,
    findings: findings.map(({ id, gainWad, moves, atCall, capsule }: FoundPlan) => ({
      id,
      gainWad,
      moves,
      atCall,
      capsule,
    })),
  });
  const [half, straight] = [run(8_000, "--state", state), run(40_000)];
  expect(half.calls).toBeLessThan(12_000);
  expect(found(half)).not.toEqual(found(straight));
  expect(found(run(40_000, "--state", state))).toEqual(found(straight));
  expect(straight.findings.length).toBeGreaterThan(0);
  // What is there already is told without another call.
  expect(found(run(8_000, "--state", state))).toEqual(found(straight));
});

test("LAB-34: all that a search has learned outlives a copy: it goes on call by call as it would have", async () => {
  const { capsule, scenario } = await naiveScenario("05");
  const straight = openRaid(await openGround(capsule), scenario, 1, 100n * dollar);
  straight.advance(6_000);
  const memory = deserialize(serialize(straight.memory()));
  const again = openRaid(await openGround(capsule), scenario, 1, 100n * dollar, memory);
  for (const raid of [straight, again]) raid.advance(6_000);
  expect(again.memory()).toEqual(straight.memory());
  expect(again.calls).toBe(straight.calls);
});

test("error: progress that is damaged, of another search or no search's is refused, and stays as it is", async () => {
  const given = await naiveScenario("20");
  const path = writeScenario(join(folder, "refused"), given, given.scenario.contracts[0]!.address);
  const state = join(folder, "refused-state");
  const run = (folderOfState: string, ...flags: string[]): string => {
    const all = ["--config", path, "--calls", "500", "--workers", "1", "--out", join(folder, "refused-out"), ...flags];
    try {
      return execFileSync(process.execPath, [bin, "attack", ...all, "--state", folderOfState], {
        stdio: "pipe",
      }).toString();
    } catch (error) {
      const { status, stderr } = error as { status: number; stderr: Buffer };
      return `${status} ${stderr}`;
    }
  };
  expect(run(state)).toMatch(/^\d+ calls/);
  expect(run(state, "--seed", "2")).toMatch(/^2 [\s\S]*its seed is 1, not 2/);
  expect(run(state, "--workers", "2")).toMatch(/^2 [\s\S]*1 worker, not 2/);
  expect(run(folder)).toMatch(/^2 [\s\S]*holds files, and none of a search/);
  const file = join(state, "worker-0.state");
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const bytes = readFileSync(file);
  writeFileSync(file, bytes.subarray(0, -1));
  expect(run(state)).toMatch(/^2 [\s\S]*worker-0.state[\s\S]*it is damaged/);
  const place = join(folder, "no-file");
  cpSync(state, place, { recursive: true });
  rmSync(join(place, "worker-0.state"));
  mkdirSync(join(place, "worker-0.state"));
  expect(run(place)).toMatch(/^2 [\s\S]*worker-0.state[\s\S]*it is no file/);
  expect(readFileSync(file).equals(bytes.subarray(0, -1))).toBe(true);
  writeFileSync(file, bytes);
  const declared = readFileSync(path, "utf8");
  writeFileSync(path, declared.replace('"least":"100"', '"least":"99"'));
  expect(run(state)).toMatch(/^2 [\s\S]*another state, scenario or source/);
  writeFileSync(join(state, "search.json"), "{");
  expect(run(state)).toMatch(/^2 [\s\S]*search.json[\s\S]*cannot be gone on from/);
});

test("LAB-32: a finding of the command is confirmed on anvil and written as capsule, test and report", async () => {
  const scenario = await naiveScenario("20");
  const path = writeScenario(join(folder, "scenario"), scenario, scenario.scenario.contracts[0]!.address);
  const out = join(folder, "out");
  const flags = ["--calls", "20000", "--workers", "1", "--json", "--out", out];
  const printed = execFileSync(process.execPath, [bin, "attack", "--config", path, ...flags], {
    cwd: folder,
    stdio: "pipe",
  });
  const report = JSON.parse(printed.toString());
  const [finding] = report.findings;
  expect(finding.gain).toBeGreaterThan(90_000);
  expect(finding).toMatchObject({
    cost: 0,
    isAtomic: true,
    capital: { USD: "0", BASE: "0" },
    confirmed: { engine: "anvil", ok: true, difference: null },
    submitted: null,
  });
  expect(report.threats).toMatchObject([{ rank: 1, id: finding.id, gain: finding.gain, probability: 1 }]);
  for (const file of Object.values<string>(finding.files)) expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readFileSync(finding.files.report, "utf8")).toContain("1. `account 0: treasury.initialize(");
  const replayed = execFileSync(process.execPath, [bin, "replay", finding.files.capsule, "--json"], { stdio: "pipe" });
  expect(JSON.parse(replayed.toString())).toMatchObject({ ok: true, transactions: 1 });
  // What cannot be written is told all the same.
  const [full, name] = [join(folder, "full-out"), basename(finding.files.report)];
  mkdirSync(join(full, name), { recursive: true });
  const args = ["attack", "--config", path, ...flags.slice(0, -1), full];
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, ...args], { cwd: folder, encoding: "utf8" });
  const told = JSON.parse(stdout);
  expect(told.findings).toMatchObject([{ id: finding.id, moves: finding.moves, files: null }]);
  expect([status, told.unkept, stderr]).toEqual([
    1,
    expect.stringContaining(name),
    expect.stringContaining(told.unkept),
  ]);
});

test("LAB-32: what the stolen key of a contract does is confirmed and replayed too, where gas costs something", async () => {
  const given = await naiveScenario("14");
  const { block } = given.capsule;
  const priced = { ...given, capsule: { ...given.capsule, block: { ...block, baseFeePerGas: 10n ** 9n } } };
  const path = writeScenario(join(folder, "maker"), priced, given.scenario.contracts[0]!.address);
  const out = join(folder, "maker-out");
  const flags = ["--calls", "33000", "--seed", "3", "--workers", "1", "--json", "--out", out];
  const run = (...all: string[]) =>
    JSON.parse(execFileSync(process.execPath, [bin, ...all], { cwd: folder }).toString());
  const [finding] = run("attack", "--config", path, ...flags).findings;
  expect(finding.gain).toBeGreaterThan(700_000);
  expect(finding.confirmed).toEqual({ engine: "anvil", ok: true, difference: null });
  expect(run("replay", finding.files.capsule, "--json")).toMatchObject({ ok: true });
  const found = await parseCapsule(readFileSync(finding.files.capsule), "the find");
  // Two transactions, or one, that went through: a replay that came to another end would tell.
  expect(
    found.transactions?.map(({ isImpersonated, expected }) => [isImpersonated, expected?.succeeded]),
  ).toContainEqual([true, true]);
});

test("LAB-32: a find of an old state, on a chain that nobody knows, names the rules that it was searched by", async () => {
  const given = await naiveScenario("22");
  const { hardfork: _, chain: __, ...capsule } = given.capsule;
  const old = { ...capsule, chainId: 987_654, block: { ...capsule.block, timestamp: 1_600_000_000n } };
  const path = writeScenario(join(folder, "old"), { ...given, capsule: old }, given.scenario.contracts[0]!.address);
  const flags = ["--calls", "3000", "--workers", "1", "--json", "--out", join(folder, "old-out")];
  const printed = execFileSync(process.execPath, [bin, "attack", "--config", path, ...flags], {
    cwd: folder,
    stdio: "pipe",
  });
  const [finding] = JSON.parse(printed.toString()).findings;
  expect(finding.confirmed).toEqual({ engine: "anvil", ok: true, difference: null });
  const found = await parseCapsule(readFileSync(finding.files.capsule), "the find");
  expect([found.chainId, found.hardfork]).toEqual([987_654, "cancun"]);
});

test("LAB-33: each threat has the defence that contains it, and the next run tells what is different", async () => {
  const given = await naiveScenario("20");
  const treasury = given.scenario.contracts[0]!.address;
  const out = join(folder, "ranked");
  const run = (scenario: NaiveScenario, ...flags: string[]): string => {
    const path = writeScenario(join(folder, "again"), scenario, treasury);
    const all = ["--config", path, "--calls", "20000", "--workers", "1", "--out", out, ...flags];
    return execFileSync(process.execPath, [bin, "attack", ...all], { cwd: folder, stdio: "pipe" }).toString();
  };
  const first = JSON.parse(run(given, "--json"));
  expect(first.difference).toBeNull();
  expect(first.threats[0].defence).toMatchObject({ gain: 0, contains: true });
  expect(first.threats[0].defence.name).toMatch(/^(guard rule (DENY|NO_SAME_BLOCK)|pause) treasury\./);
  expect(JSON.parse(run(given, "--json")).difference).toEqual({ added: [], gone: [], moved: [] });
  // The market changes: a dollar is two.
  const [dollars, ...rest] = given.scenario.assets;
  const assets = [{ ...dollars!, priceWad: 2n * dollars!.priceWad }, ...rest];
  const told = run({ ...given, scenario: { ...given.scenario, assets } });
  expect(told).toContain(`Since the last ranking:\n  rank 1: ${first.threats[0].id} `);
  expect(told).toContain(`gain ${first.threats[0].gain} to ${2 * first.threats[0].gain}`);
  expect(told).toMatch(/treasury\.\w+.* contains it: 0 USD left/);
  const ranking = join(out, readdirSync(out).find((name) => name.startsWith("ranking-"))!);
  expect(statSync(ranking).mode & 0o777).toBe(0o600);
  writeFileSync(ranking, '{"format":"testudo-thr');
  expect(() => run(given)).toThrow(/The last ranking "[^"]+" cannot be read/);
  expect(readFileSync(ranking, "utf8")).toBe('{"format":"testudo-thr');
});

test("LAB-30: a capsule and its victim are enough for what is open to everybody", async () => {
  const { capsule, scenario } = await naiveScenario("20");
  const treasury = scenario.contracts[0]!.address;
  const path = writeScenario(join(folder, "bare"), { capsule, scenario }, treasury).replace(
    "scenario.json",
    "state.capsule.json.gz",
  );
  const flags = [
    "--victim",
    treasury,
    "--calls",
    "60000",
    "--workers",
    "1",
    "--json",
    "--out",
    join(folder, "bare-out"),
  ];
  const printed = execFileSync(process.execPath, [bin, "attack", "--capsule", path, ...flags], {
    cwd: folder,
    stdio: "pipe",
  });
  const { findings } = JSON.parse(printed.toString());
  expect(findings.length).toBeGreaterThan(0);
  expect(findings[0].confirmed.ok).toBe(true);
});

test("error: a scenario that says too little, or what nobody knows", async () => {
  const run = (...flags: string[]): string => {
    try {
      return execFileSync(process.execPath, [bin, "attack", ...flags], { cwd: folder, stdio: "pipe" }).toString();
    } catch (error) {
      const { status, stderr } = error as { status: number; stderr: Buffer };
      return `${status} ${stderr}`;
    }
  };
  expect(run("--config", "none.json")).toMatch(/^2 [\s\S]*none.json/);
  expect(run("--capsule", "none.gz")).toMatch(/^2 [\s\S]*says no victim/);
  expect(run("--capsule", "none.gz", "--config", "none.json")).toMatch(/^2 [\s\S]*more than one thing/);
  const path = writeScenario(join(folder, "wrong"), await naiveScenario("20"), `0x${"12".repeat(20)}`);
  expect(run("--config", path)).toMatch(/^2 [\s\S]*0x1212\w+, which is no contract in that state/);
  const good = JSON.parse(readFileSync(path, "utf8"));
  const wrong = (change: object): string => {
    writeFileSync(path, JSON.stringify({ ...good, victim: good.contracts[0].address, ...change }));
    return run("--config", path, "--out", "out");
  };
  expect(wrong({ assets: [good.assets[0], good.assets[0]] })).toMatch(/^2 [\s\S]*assets[\s\S]*each token once/);
  expect(wrong({ asets: [] })).toMatch(/^2 [\s\S]*unknown key "asets"/);
  expect(wrong({ assets: [{ ...good.assets[0], price: "cheap" }] })).toMatch(/^2 [\s\S]*price` is "cheap", a string/);
  expect(wrong({ least: "0.1234567890123456789" })).toMatch(/^2 [\s\S]*least[\s\S]*at most 18 digits/);
  expect(wrong({ keys: ["0x00000000000000000000000000000000a77ac000"] })).toMatch(/^2 [\s\S]*takes for itself/);
  expect(wrong({ contracts: [{ ...good.contracts[0], except: ["initialize", "sweep"] }] })).toMatch(
    /^2 [\s\S]*nothing to call/,
  );
  writeFileSync(join(folder, "afile"), "");
  expect(run("--config", path, "--out", "afile")).toMatch(/^2 [\s\S]*afile/);
  // Before the search: what it finds has to go somewhere.
  mkdirSync(join(folder, "full"));
  writeFileSync(join(folder, "full", "findings"), "");
  expect(run("--config", path, "--minutes", "60", "--data", "full")).toMatch(
    /^2 [\s\S]*full\/findings[\s\S]*no folder/,
  );
});
