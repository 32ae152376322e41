// Simulate, propose and encode as a person runs them, on a capsule without a node.
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { circuitBreaker } from "@testudo/contracts";
import { toLower } from "@testudo/core/model/Hex";
import {
  alice,
  bob,
  build,
  callTill,
  ether,
  keeper,
  openTillStage,
  selectorOfTill,
  sources,
  type TillStage,
  thief,
} from "@testudo/lab/patch/tillStage.testkit";
import type { Capsule } from "@testudo/lab/record/Capsule";
import { writeCapsule } from "@testudo/lab/record/writeCapsule";
import { decodeFunctionData, encodeDeployData, getContractAddress } from "viem/utils";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openPlace, type Place } from "./place.testkit.ts";
import { openWatches } from "./watchProcess.testkit.ts";

let place: Place;
let stage: TillStage;
const take = selectorOfTill("take", [0n]);
const hash = `0x${"9".repeat(64)}` as const;

function write(name: string, value: unknown): void {
  writeFileSync(join(place.folder, name), JSON.stringify(value));
}

function attacked(more: Partial<Capsule> = {}): Capsule {
  return {
    ...stage.capsule([
      callTill(stage, alice, "pay", [1n], { value: 5n * ether }),
      callTill(stage, alice, "take", [2n * ether]),
      callTill(stage, bob, "pay", [2n], { value: 7n * ether }),
      callTill(stage, thief, "take", [400n * ether], { role: "attack", hash }),
    ]),
    ...more,
  };
}

const ruled = (kind: string, bound: string) => ({
  format: "testudo-patch/1",
  kind: "guardRule",
  name: "by hand",
  seconds: 3_600,
  rules: [{ target: stage.till, selector: take, kind, argIndex: 0, bound }],
});

beforeAll(async () => {
  place = openPlace();
  stage = await openTillStage();
  writeFileSync(join(place.folder, "attack.capsule"), writeCapsule(attacked()));
});
afterAll(() => place?.remove());

const onCapsule = ["--capsule", "attack.capsule"] as const;

describe("LAB-20: a simulation on the command line", () => {
  test("ends with 0 where the patch holds, and prints one object with its evidence", async () => {
    write("holds.json", ruled("ARG_MAX", `0x${(10n * ether).toString(16)}`));
    const { code, out, err } = await place.run("patch", "simulate", ...onCapsule, "--patch", "holds.json", "--json");
    expect([code, err]).toEqual([0, ""]);
    const report = JSON.parse(out);
    expect(report).toMatchObject({
      ok: true,
      attack: { stopped: true, failed: 1 },
      benign: { transactions: 3, changed: [] },
    });
    expect(report.evidence).toHaveLength(report.records.length);
    const told = await place.run("patch", "simulate", ...onCapsule, "--patch", "holds.json");
    expect(told.out).toMatch(/^holds: by hand \(guardRule\)\n {2}attack {9}stopped: 1 of 1 transactions fail\n/);
    expect(told.out).toMatch(new RegExp(`^ {2}lost before {4}400 ether by ${stage.till}$`, "m"));
    expect(told.out).toMatch(
      /^ {2}taken back {5}by one call a rule, [\d,]+ gas; ends by itself at \d{4}-\d\d-\d\d [\d:]+ UTC$/m,
    );
  });

  test("comes to the same verdict on anvil", async () => {
    const flags = [...onCapsule, "--patch", "holds.json", "--json"];
    const [ours, theirs] = [
      await place.run("patch", "simulate", ...flags),
      await place.run("patch", "simulate", ...flags, "--engine", "anvil"),
    ];
    expect([theirs.code, theirs.err]).toEqual([0, ""]);
    expect(JSON.parse(theirs.out)).toEqual(JSON.parse(ours.out));
  });

  test("ends with 1 where it does not, and names what it changes", async () => {
    write("denies.json", ruled("DENY", "0x0"));
    const { code, out } = await place.run("patch", "simulate", ...onCapsule, "--patch", "denies.json");
    expect(code).toBe(1);
    expect(out).toMatch(/^does not hold: by hand/);
    expect(out).toMatch(/#1: status was succeeded, is failed/);
  });

  test("lists what an adversary still finds on the patched state, and what Solidity properties say of it", async () => {
    writeFileSync(join(place.folder, "Till.sol"), sources["Till.sol"]);
    const flags = [...onCapsule, "--patch", "holds.json", "--calls", "1000", "--properties", "Till.sol"];
    const { code, out } = await place.run("patch", "simulate", ...flags, "--json");
    const { adversary, properties, ok } = JSON.parse(out);
    // One of the properties never held.
    expect([code, ok]).toEqual([1, false]);
    expect(properties.map((one: { name: string; ok: boolean }) => [one.name, one.ok])).toEqual([
      ["TillProperties.check_isRich", false],
      ["TillProperties.echidna_isOpen", true],
      ["TillProperties.invariant_hasMoney", true],
    ]);
    expect(adversary).toMatchObject({ ran: true, seed: 1 });
    expect(adversary.finds.map(({ is }: { is: string }) => is)).toContain("remaining");
    const confirmed = { engine: "anvil", ok: true, difference: null };
    expect(adversary.finds.map((find: { confirmed: unknown }) => find.confirmed)).toContainEqual(confirmed);
    expect(adversary.start).toMatchObject({ gainWad: "0", gainWithoutWad: `${400n * ether}`, left: [] });
    expect(adversary.start.moves).toHaveLength(1);
    const told = await place.run("patch", "simulate", ...flags);
    expect(told.out).toMatch(/ {2}property {7}TillProperties.echidna_isOpen: kept: holds at the begin/);
    expect(told.out).toMatch(/check_owes is not asked: it takes arguments/);
    expect(told.out).toMatch(/ {2}adversary {6}[\d,]+ calls from seed 1: 0 found that the patch makes possible, [1-9]/);
    expect(told.out).toMatch(/ {4}begins with the attack, 1 of its moves: 0 gained, 400 without the patch\n/);
    expect(told.out).toMatch(/ {4}remaining: \d+[.\d]* gained, .*\n {6}anvil: the same\n/);
    // What declares an adversary names a state of its own, which is not asked.
    write("till.abi.json", []);
    const contracts = [{ name: "till", address: stage.till, abi: "till.abi.json" }];
    const assets = [{ name: "ether", price: "1" }];
    write("scenario.json", { rpc: "http://127.0.0.1:9", victim: stage.till, contracts, assets });
    const unasked = ["--calls", "0", "--scenario", "scenario.json"];
    const none = await place.run("patch", "simulate", ...onCapsule, "--patch", "holds.json", ...unasked);
    expect([none.code, none.out]).toEqual([0, expect.stringMatching(/did not search: It was given no calls/)]);
    write("absent.json", { capsule: "attack.capsule", victim: `0x${"ab".repeat(20)}`, contracts, assets });
    const absent = await place.run(
      "patch",
      "simulate",
      ...onCapsule,
      "--patch",
      "holds.json",
      "--scenario",
      "absent.json",
    );
    expect([absent.code, absent.err]).toEqual([2, expect.stringContaining("is no contract in that state")]);
    // The gates need what Cancun brought.
    const old = attacked({ hardfork: "shanghai" });
    writeFileSync(join(place.folder, "old.capsule"), writeCapsule(old));
    const tried = await place.run(
      "patch",
      "simulate",
      "--capsule",
      "old.capsule",
      "--patch",
      "holds.json",
      "--calls",
      "0",
    );
    expect([tried.code, tried.err]).toEqual([0, expect.stringContaining("it is tried by Cancun's")]);
  });

  test("lets an adversary call what the patch's own transactions made", async () => {
    const clock = build("Clock");
    const nonce = stage.capsule([]).accounts.get(keeper)!.nonce;
    const data = encodeDeployData({ ...clock, args: [1n] });
    write("made.json", {
      ...{ format: "testudo-patch/1", kind: "transactions", name: "governance" },
      transactions: [{ from: keeper, to: null, input: data, gas: "0xf4240" }],
    });
    write("till.abi.json", build("Till").abi);
    write("clock.abi.json", clock.abi);
    write("made.scenario.json", {
      ...{ capsule: "attack.capsule", victim: stage.till, assets: [{ name: "ether", price: "1" }] },
      contracts: [
        { name: "till", address: stage.till, abi: "till.abi.json" },
        { name: "clock", address: toLower(getContractAddress({ from: keeper, nonce })), abi: "clock.abi.json" },
      ],
    });
    const scenario = ["--scenario", "made.scenario.json", "--calls", "50"];
    const { code, out } = await place.run(
      "patch",
      "simulate",
      ...onCapsule,
      "--patch",
      "made.json",
      ...scenario,
      "--json",
    );
    // It stops nothing, and was to be searched all the same.
    expect([code, JSON.parse(out).adversary.ran]).toEqual([1, true]);
    write("holds.json", ruled("ARG_MAX", `0x${(10n * ether).toString(16)}`));
    const other = await place.run("patch", "simulate", ...onCapsule, "--patch", "holds.json", ...scenario);
    expect([other.code, other.err]).toEqual([2, expect.stringContaining("is no contract in that state")]);
  });

  test("takes newer rules for our newest, and none that nobody knows", async () => {
    const ruledBy = async (hardfork: string, ...flags: string[]) => {
      const { hardfork: _, ...rest } = attacked();
      const named = hardfork === "" ? { ...rest, chainId: 987_654 } : { ...rest, hardfork };
      writeFileSync(join(place.folder, "ruled.capsule"), writeCapsule(named));
      const shared = ["--patch", "holds.json", "--calls", "0", ...flags];
      const { code, err } = await place.run("patch", "simulate", "--capsule", "ruled.capsule", ...shared);
      return [code, err];
    };
    const newer = expect.stringContaining("are newer than our engine's: it is tried by those of bpo2");
    expect(await ruledBy("amsterdam")).toEqual([0, newer]);
    expect(await ruledBy("atlantis")).toEqual([2, expect.stringContaining('No engine knows the rules "atlantis"')]);
    expect(await ruledBy("")).toEqual([2, expect.stringContaining("whose rules are not known")]);
    expect(await ruledBy("", "--hardfork", "cancun")).toEqual([0, ""]);
  });

  test("ends with 2 where patch, capsule or flags are wrong, and says what is allowed", async () => {
    write("none.json", { ...ruled("DENY", "0x0"), kind: "prayer" });
    const twice = ruled("DENY", "0x0");
    write("twice.json", { ...twice, rules: [...twice.rules, ...twice.rules] });
    const { bound: _, ...boundless } = twice.rules[0]!;
    write("misspelt.json", { ...twice, rules: [{ ...boundless, Bound: "0x1" }] });
    writeFileSync(
      join(place.folder, "peace.capsule"),
      writeCapsule({ ...attacked(), transactions: [attacked().transactions![0]!] }),
    );
    const refused = async (...args: readonly string[]) => {
      const { code, err } = await place.run("patch", "simulate", ...args);
      expect(code).toBe(2);
      return err;
    };
    expect(await refused(...onCapsule, "--patch", "none.json")).toMatch(/"none.json" is refused: kind/);
    expect(await refused(...onCapsule, "--patch", "twice.json")).toMatch(/one guard rule at a time/);
    expect(await refused(...onCapsule, "--patch", "misspelt.json")).toMatch(/Unrecognized key: "Bound"/);
    expect(await refused(...onCapsule, "--patch", "gone.json")).toMatch(/"gone.json" is not there/);
    expect(await refused("--capsule", "peace.capsule", "--patch", "denies.json")).toMatch(/holds no attack/);
    expect(await refused(...onCapsule, "--patch", "denies.json", "--victim", "0x12")).toMatch(
      /--victim "0x12" is not possible/,
    );
    expect(await refused(...onCapsule, "--patch", "denies.json", "--attack", `0x${"8".repeat(64)}`)).toMatch(
      /none of the capsule's/,
    );
    expect(await refused(...onCapsule, "--patch", "denies.json", "--max-loss", "-1")).toMatch(/--max-loss/);
    const holds = [...onCapsule, "--patch", "holds.json"];
    expect(await refused(...holds, "--calls", "many")).toMatch(/--calls "many"/);
    expect(await refused(...holds, "--properties", "Till.sol:Nobody")).toMatch(/names no contract/);
    expect(await refused(...holds, "--properties", "Till.sol:Clock")).toMatch(/"Clock" tells no properties/);
    expect(await refused(...holds, "--scenario", "gone.json")).toMatch(/"gone.json" cannot be read/);
    // A rule on what has no code has nothing to stand before.
    const nobody = ruled("DENY", "0x0");
    write("nobody.json", { ...nobody, rules: [{ ...nobody.rules[0], target: bob }] });
    expect(await refused(...onCapsule, "--patch", "nobody.json")).toMatch(/cannot stand behind a gate/);
  });
});

describe("LAB-21: a proposal on the command line", () => {
  test("writes each patch that holds, which simulates as it was proposed", async () => {
    const { code, out } = await place.run("patch", "propose", ...onCapsule, "--out", "patches", "--json");
    expect(code).toBe(0);
    const { proposals, scorecard } = JSON.parse(out);
    const files = readdirSync(join(place.folder, "patches")).sort();
    expect(files).toEqual(proposals.map((_: unknown, i: number) => `${i + 1}.patch.json`));
    expect(scorecard.stages.every(({ ms }: { ms: number }) => ms >= 0)).toBe(true);
    const again = await place.run("patch", "simulate", ...onCapsule, "--patch", `patches/${files[0]}`, "--json");
    expect(JSON.parse(again.out).patch.id).toBe(proposals[0].report.patch.id);
    expect(again.code).toBe(0);
    // Of an earlier run one would not know which are whose.
    const twice = await place.run("patch", "propose", ...onCapsule, "--out", "patches");
    expect([twice.code, twice.err]).toEqual([2, expect.stringMatching(/holds "1.patch.json", which is of an earlier/)]);
    writeFileSync(join(place.folder, "file"), "");
    const nowhere = await place.run("patch", "propose", ...onCapsule, "--out", "file");
    expect([nowhere.code, nowhere.err]).toEqual([2, expect.stringMatching(/--out "file" is no folder to write to/)]);
  });

  test("shows how far it is, and at Ctrl-C has what held until then, marked as a part, and ends with 130", async () => {
    const watches = openWatches();
    try {
      const file = join(place.folder, "attack.capsule");
      const asked = ["--capsule", file, "--calls", "400000", "--out", "patches", "--json"];
      const running = watches.start(["patch", "propose", ...asked]);
      await running.until(/^0 % {2}0 of \d+ candidates tried, 0 held; /m, 120_000);
      running.kill("SIGINT");
      expect(await running.ended).toBe(130);
      expect(running.err()).toMatch(/Stopped before the end: only those candidates were tried/);
      const { proposals, scorecard } = JSON.parse(running.out());
      expect(scorecard.stopped).toBe(true);
      expect(proposals.length).toBeLessThan(3);
      expect(readdirSync(join(watches.folder, "patches"))).toHaveLength(proposals.length);
    } finally {
      await watches.close();
    }
  });

  test("that finds none ends with 1, and one whose attack is named by hash takes that alone", async () => {
    const none = await place.run("patch", "propose", ...onCapsule, "--exempt", take);
    expect([none.code, none.out.split("\n")[0]]).toEqual([1, "no patch holds"]);
    const { transactions = [], victim: _, ...rest } = attacked();
    const unmarked = { ...rest, transactions: transactions.map(({ role, ...tx }) => tx) };
    writeFileSync(join(place.folder, "unmarked.capsule"), writeCapsule(unmarked));
    const flags = ["--capsule", "unmarked.capsule", "--attack", hash, "--victim", stage.till];
    expect((await place.run("patch", "propose", ...flags)).code).toBe(0);
  });

  test("mends the sources that it is given, and refuses those that are not the victim's", async () => {
    const settings = { optimizer: { enabled: true, runs: 10_000 }, evmVersion: "cancun" };
    const metadata = { bytecodeHash: "none", appendCBOR: false };
    const input = (content: string) => ({
      language: "Solidity",
      sources: { "Till.sol": { content } },
      settings: { ...settings, metadata },
    });
    const sweeping = stage.capsule([
      callTill(stage, thief, "sweep", [], { role: "attack" }),
      callTill(stage, keeper, "sweep"),
    ]);
    writeFileSync(join(place.folder, "sweep.capsule"), writeCapsule(sweeping));
    write("till.json", input(sources["Till.sol"]));
    const flags = ["--capsule", "sweep.capsule", "--sources"];
    const { code, out } = await place.run("patch", "propose", ...flags, "till.json", "--out", "mended");
    expect([code, out.split("\n")[1]]).toEqual([0, "  1. access check in sweep. Of a template: access check."]);
    const again = await place.run("patch", "simulate", "--capsule", "sweep.capsule", "--patch", "mended/1.patch.json");
    expect([again.code, again.err]).toEqual([0, ""]);
    write("other.json", input("// SPDX-License-Identifier: MIT\npragma solidity 0.8.37; contract Other {}"));
    write("none.json", { language: "Vyper" });
    for (const [file, said] of [
      ["other.json", /None of the sources' contracts/],
      ["none.json", /no standard JSON input/],
    ] as const) {
      const refused = await place.run("patch", "propose", ...flags, file);
      expect([refused.code, refused.err]).toEqual([2, expect.stringMatching(said)]);
    }
  });
});

test("LAB-22: a rule's calls are encoded for the breaker, from now to its end, with the one that takes it back", async () => {
  write("rule.json", ruled("ARG_MAX", "0x5"));
  const before = Math.floor(Date.now() / 1_000);
  const { code, out } = await place.run("patch", "encode", "--patch", "rule.json", "--evidence", hash, "--json");
  expect(code).toBe(0);
  const [{ set, clear, until }] = JSON.parse(out).calls;
  const decoded = decodeFunctionData({ abi: circuitBreaker.abi, data: set });
  expect(decoded.functionName).toBe("setRule");
  expect(decoded.args?.slice(1, 3)).toEqual([take, { kind: 1, argIndex: 0, bound: 5n }]);
  expect(toLower(`${decoded.args?.[0]}`)).toBe(stage.till);
  expect(Number(until) - before).toBeGreaterThanOrEqual(3_600);
  expect(Number(until) - before).toBeLessThan(3_600 + 120);
  expect(decodeFunctionData({ abi: circuitBreaker.abi, data: clear }).functionName).toBe("clearRule");
  const zero = await place.run("patch", "encode", "--patch", "rule.json", "--evidence", `0x${"0".repeat(64)}`);
  expect(zero.code).toBe(2);
});
