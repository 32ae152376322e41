// The adversary and properties in Solidity against patches of a till.
import { verifyEvidence } from "@testudo/core/model/Evidence";
import { isIntact } from "@testudo/core/model/Record";
import { beforeAll, describe, expect, test } from "vitest";
import type { CompiledContract } from "../adversary/deployTarget.ts";
import type { Peer } from "../capsule/confirmOn.ts";
import { edrPeer } from "../capsule/openEdr.ts";
import type { Scenario } from "../raid/Scenario.ts";
import type { Capsule } from "../record/Capsule.ts";
import type { Patch } from "./Patch.ts";
import { NotProperties } from "./Property.ts";
import { playBaseline } from "./playBaseline.ts";
import { proposePatch } from "./proposePatch.ts";
import type { PatchRaid, RaidBudget } from "./raidPatched.ts";
import { type SimulateOptions, simulatePatch } from "./simulatePatch.ts";
import {
  alice,
  build,
  callTill,
  ether,
  keeper,
  mendedTill,
  openTillStage,
  selectorOfTill,
  type TillStage,
  thief,
  till,
} from "./tillStage.testkit.ts";

let stage: TillStage;
let capsule: Capsule;
let bounded: Patch;
const adversary: RaidBudget = { calls: 1_000, seed: 1, peer: edrPeer };

beforeAll(async () => {
  stage = await openTillStage();
  capsule = stage.capsule([
    callTill(stage, alice, "pay", [1n], { value: 5n * ether }),
    callTill(stage, alice, "take", [2n * ether]),
    callTill(stage, thief, "take", [400n * ether], { role: "attack" }),
  ]);
  const rule = { target: stage.till, selector: selectorOfTill("take", [0n]), argIndex: 0, bound: 10n * ether } as const;
  bounded = { kind: "guardRule", name: "bound", rules: [{ ...rule, kind: "ARG_MAX" }], seconds: 3_600 };
});

const upgradeTo = (name: string): Patch => ({
  kind: "upgrade",
  name,
  target: stage.till,
  code: name === "MendedTill" ? mendedTill.deployedBytecode : build(name).deployedBytecode,
});

async function simulated(patch: Patch, options: SimulateOptions = {}, contract?: CompiledContract) {
  const more = contract === undefined ? {} : { properties: contract };
  return simulatePatch(await playBaseline(capsule, more), patch, options);
}

function compiled(name: string): CompiledContract {
  const { abi, bytecode: creation, deployedBytecode: runtime } = build(name);
  return { name, abi, creation, runtime };
}

function findsOf(raid: PatchRaid | null) {
  if (raid === null || !raid.ran) throw new Error(`No search: ${raid?.why}`);
  return raid.finds;
}

describe("LAB-20: the adversary against a patch", () => {
  test("names what still works, which worked without the patch too and does not speak against it", async () => {
    const report = await simulated(bounded, { adversary });
    expect(report.ok).toBe(true);
    const finds = findsOf(report.adversary);
    const sweep = finds.find(({ moves }) => moves.some((move) => move.includes(selectorOfTill("sweep"))));
    expect(sweep).toMatchObject({ is: "remaining", figure: null });
    expect(sweep!.gainWad).toBeGreaterThan(400n * ether);
    expect(sweep!.gainWithoutWad).toBeGreaterThan(400n * ether);
    expect(finds.every(({ is }) => is === "remaining")).toBe(true);
  });

  test("finds nothing where the fault is mended", async () => {
    const report = await simulated(upgradeTo("MendedTill"), { adversary });
    expect([report.ok, findsOf(report.adversary)]).toEqual([true, []]);
  });

  test("breaks a patch that opens a door: what works with it alone is the patch's own doing", async () => {
    const report = await simulated(upgradeTo("DoorTill"), { adversary });
    expect([report.attack.stopped, report.benign.changed, report.ok]).toEqual([true, [], false]);
    const [door] = findsOf(report.adversary);
    expect(door).toMatchObject({ is: "new", gainWithoutWad: 0n });
    expect(door!.gainWad).toBeGreaterThan(400n * ether);
    expect((await simulated(upgradeTo("DoorTill"))).ok).toBe(true);
  });

  test("says of each find whether another engine came to the same, and holds none against the patch that came out otherwise there", async () => {
    const report = await simulated(upgradeTo("DoorTill"), { adversary });
    expect(report.ok).toBe(false);
    expect(findsOf(report.adversary)[0]!.confirmed).toEqual({ engine: "EDR", ok: true, difference: null });
    // An engine to which the till is empty.
    const poor: Peer = {
      name: "poor",
      open: (source, block) =>
        edrPeer.open(
          {
            ...source,
            async account(address) {
              const account = await source.account(address);
              return account === undefined || address !== stage.till ? account : { ...account, balance: 0n };
            },
          },
          block,
        ),
    };
    const doubted = await simulated(upgradeTo("DoorTill"), { adversary: { ...adversary, peer: poor } });
    expect([doubted.ok, findsOf(doubted.adversary).length]).toEqual([true, findsOf(report.adversary).length]);
    expect(findsOf(doubted.adversary)[0]).toMatchObject({
      is: "new",
      confirmed: { engine: "poor", ok: false, difference: expect.stringMatching(/^transaction 1: expected /) },
    });
    const none: Peer = { name: "none", open: () => Promise.reject(new Error("It is not installed.\nInstall it.")) };
    const unasked = await simulated(upgradeTo("DoorTill"), { adversary: { ...adversary, peer: none } });
    expect(findsOf(unasked.adversary)[0]!.confirmed).toEqual({
      ...{ engine: "none", ok: false, difference: "It is not installed.", notRun: true },
    });
    expect(unasked.ok).toBe(false);
  });

  test("finds the same with as many calls from the same seed, and is evidence", async () => {
    const [one, again] = [await simulated(bounded, { adversary }), await simulated(bounded, { adversary })];
    expect(again).toEqual(one);
    const search = one.records.find(({ kind }) => kind === "PatchSearch")!;
    expect(isIntact(search)).toBe(true);
    expect(one.records.at(-1)!.from).toContain(search.id);
    expect(verifyEvidence(one.evidence)).toBeUndefined();
  });

  test("ends with its seconds, before its calls are made", async () => {
    let clock = 0;
    const report = await simulated(bounded, {
      adversary: { ...adversary, calls: 100_000, seconds: 1, now: () => (clock += 400) },
    });
    expect(report.adversary).toMatchObject({ ran: true });
    expect((report.adversary as Extract<PatchRaid, { ran: true }>).calls).toBeLessThan(10_000);
  });

  test("takes a declared scenario, whose contracts have to stand in the capsule", async () => {
    const named = (address: typeof thief): Scenario => ({
      contracts: [{ name: "till", address, abi: till.abi }],
      assets: [{ name: "ether", decimals: 18, priceWad: 2n * ether, capital: ether }],
      ...{ accounts: 1, keys: [], powers: [], guardians: [], addresses: [], words: [] },
      ...{ mostSeconds: 0, figures: [] },
    });
    const searched = async (scenario: Scenario) =>
      (await simulated(bounded, { adversary: { ...adversary, declared: { scenario, leastWad: ether } } })).adversary;
    const [best] = findsOf(await searched(named(stage.till)));
    expect([best!.is, best!.moves.at(-1)]).toEqual(["remaining", "account 0: till.sweep()"]);
    // At the declared price.
    expect(best!.gainWad).toBeGreaterThan(900n * ether);
    expect(await searched(named(thief))).toMatchObject({
      ran: false,
      why: expect.stringMatching(/till \(0x3+\) has no/),
    });
  });

  test("says why where he cannot search", async () => {
    const none = await simulated(bounded, { adversary: { ...adversary, calls: 0 } });
    expect(none.adversary).toEqual({ ran: false, why: "It was given no calls." });
    const nobodys = { balance: 0n, nonce: 1n, code: null, storage: new Map() };
    const accounts = new Map(capsule.accounts).set(`0x${"7".repeat(40)}`, nobodys);
    const unknown: Capsule = { ...capsule, accounts };
    const report = await simulatePatch(await playBaseline(unknown), bounded, { adversary });
    expect([report.ok, report.adversary]).toEqual([
      true,
      { ran: false, why: expect.stringMatching(/the code of 0x777/) },
    ]);
  });

  test("searches what a proposal comes out with, and no candidate that fails before", async () => {
    const { proposals } = await proposePatch(capsule, { now: () => 0, adversary, enough: 1 });
    expect(proposals.length).toBeGreaterThan(0);
    for (const { report } of proposals) expect(report.adversary).toMatchObject({ ran: true });
    const failing = await simulated(upgradeTo("Vault"), { adversary, attackFirst: true });
    expect([failing.ok, failing.adversary]).toEqual([false, null]);
  });
});

describe("LAB-20: properties in Solidity beside the patched state", () => {
  test("are asked before and after the attack and after the others, and hold it against the patch where they break", async () => {
    const report = await simulated(bounded, {}, compiled("TillProperties"));
    const held = { atBegin: true, attacked: true, peaceful: true };
    expect(report.properties).toEqual([
      {
        name: "TillProperties.check_isRich",
        ok: false,
        atBegin: false,
        attacked: false,
        peaceful: false,
        before: { atBegin: false, attacked: false },
      },
      { name: "TillProperties.echidna_isOpen", ok: true, ...held, before: { atBegin: true, attacked: true } },
      { name: "TillProperties.invariant_hasMoney", ok: true, ...held, before: { atBegin: true, attacked: false } },
    ]);
    expect([report.ok, report.unasked]).toEqual([false, ["TillProperties.check_owes"]]);
    expect(report.records.some(({ kind }) => kind === "PatchProperties")).toBe(true);
  });

  test("leave nothing behind: the verdict on all else is the one without them", async () => {
    const [asked, bare] = [await simulated(bounded, {}, withoutRich()), await simulated(bounded)];
    expect([asked.ok, asked.attack, asked.benign]).toEqual([true, bare.attack, bare.benign]);
  });

  test("are objectives of the adversary: one that breaks with the patch and without is remaining", async () => {
    const report = await simulated(bounded, { adversary }, withoutRich());
    const broken = findsOf(report.adversary).find(({ figure }) => figure !== null);
    const confirmed = { engine: "EDR", ok: true, difference: null };
    const figure = "TillProperties.invariant_hasMoney";
    expect([report.ok, broken]).toMatchObject([true, { figure, is: "remaining", confirmed }]);
  });

  test("one that only the patch lets break speaks against it", async () => {
    const shut: Patch = { kind: "transactions", name: "shut", transactions: [callTill(stage, keeper, "shut")] };
    const report = await simulated(shut, {}, withoutRich());
    expect(report.properties.find(({ name }) => name.endsWith("isOpen"))).toMatchObject({
      ok: false,
      atBegin: false,
      before: { atBegin: true },
    });
  });

  test("error: a contract without any, or whose constructor takes what is not known", async () => {
    await expect(simulated(bounded, {}, compiled("Clock"))).rejects.toThrow(NotProperties);
    await expect(simulated(bounded, {}, compiled("Till"))).rejects.toThrow(NotProperties);
    const { abi, ...rest } = compiled("TillProperties");
    const numbered = abi.map((item) =>
      item.type === "constructor" ? { ...item, inputs: [{ type: "uint256" }] } : item,
    );
    await expect(simulated(bounded, {}, { ...rest, abi: numbered })).rejects.toThrow(/its constructor takes uint256/);
  });
});

/** Without the property that never held. */
function withoutRich(): CompiledContract {
  const { abi, ...rest } = compiled("TillProperties");
  return { ...rest, abi: abi.filter((item) => !("name" in item && item.name === "check_isRich")) };
}
