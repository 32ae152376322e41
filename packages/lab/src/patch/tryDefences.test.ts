// What contains a plan: rules, pauses where no rule is enough, and of a find that breaks a limit what keeps it.
import type { AbiFunction } from "viem";
import { encodeFunctionData } from "viem/utils";
import { beforeAll, describe, expect, test } from "vitest";
import { callableOf } from "../adversary/Callable.ts";
import { openGround } from "../raid/openGround.ts";
import type { CallMove } from "../raid/Plan.ts";
import { accountAddress, prepareCast } from "../raid/prepareCast.ts";
import type { Asset, Figure, Scenario } from "../raid/Scenario.ts";
import { playOf, toCapsule } from "../raid/toCapsule.ts";
import { fromHex } from "../record/bytes.ts";
import { build, ether, keeper, openTillStage, type TillStage } from "./tillStage.testkit.ts";
import { type CalledFunction, type TriedDefence, tryDefences } from "./tryDefences.ts";

let stage: TillStage;
beforeAll(async () => {
  stage = await openTillStage();
});

type Place = "till" | "chest";
interface Call {
  readonly place: Place;
  readonly name: string;
  readonly args?: readonly unknown[];
  /** 0 is his account, 1 the keeper's key. */
  readonly actor?: number;
}

const native: Asset = { name: "ether", decimals: 18, priceWad: ether, capital: 0n };

function moveOf({ place, name, args = [], actor = 0 }: Call, id: number): CallMove {
  const { abi } = build(place === "till" ? "Till" : "Chest");
  const item = abi.find((one) => one.type === "function" && one.name === name) as AbiFunction;
  const callable = callableOf(place, stage[place], item);
  const input = fromHex(encodeFunctionData({ abi, functionName: name, args: [...args] }));
  return { ...{ kind: "call", id, actor, callable, input }, value: 0n, leaves: [], inner: [] };
}

const calledBy = ({ callable: { contract, to, abi, selector } }: CallMove): CalledFunction => ({
  ...{ contract, to, name: abi.name, selector },
});

interface Tried {
  readonly victim: Place;
  readonly gain: bigint;
  readonly figure?: Figure;
  readonly assets?: readonly Asset[];
}

/** What is told of a plan of `calls`, the names of contracts in the place of addresses. */
async function triedOn(calls: readonly Call[], { victim, gain, figure, assets = [native] }: Tried) {
  const scenario: Scenario = {
    ...{ contracts: [], assets, accounts: 1, keys: [keeper], powers: [], guardians: [] },
    ...{ addresses: [], words: [], mostSeconds: 0, figures: figure === undefined ? [] : [figure] },
  };
  const ground = stage.capsule([]);
  const engine = await openGround(ground);
  const cast = prepareCast(engine, scenario);
  const moves = calls.map(moveOf);
  const played = toCapsule(engine, { ...ground }, scenario, cast, moves);
  const plan = {
    capsule: { ...played, victim: stage[victim] },
    bold: playOf(engine, ground, scenario, cast, moves, false).transactions,
    ...{ scenario, accounts: cast.accounts, gainWad: gain, functions: moves.map(calledBy) },
  };
  return tryDefences(figure === undefined ? plan : { ...plan, figure }, () => 0);
}

const opened: readonly Call[] = [
  { place: "chest", name: "initialize", args: [accountAddress(0)] },
  { place: "chest", name: "open", args: [50n * ether] },
];
const take = (amount: bigint): Call => ({ place: "till", name: "take", args: [amount * ether] });
const rulesOf = (tried: readonly TriedDefence[]) => tried.filter(({ name }) => name.startsWith("guard rule"));
const pausesOf = (tried: readonly TriedDefence[]) => tried.filter(({ name }) => name.startsWith("pause"));

describe("LAB-33: a pause is tried where no guard rule leaves nothing", () => {
  test("and the first that leaves nothing is enough", async () => {
    // No rule is derived for a contract that is not the victim.
    expect(await triedOn(opened, { victim: "till", gain: 50n * ether })).toEqual([
      { name: "pause chest.initialize", gainWad: 0n },
    ]);
  });

  test("of each function that is called, the victim's first, with what the plan gains without it", async () => {
    // What is paused in vain is no defence.
    const idle: Call = { place: "till", name: "pay", args: [1n] };
    const tried = await triedOn([idle, take(2n), ...opened], { victim: "chest", gain: 52n * ether });
    expect(rulesOf(tried).length).toBeGreaterThan(0);
    expect(rulesOf(tried).every(({ gainWad }) => gainWad === 2n * ether)).toBe(true);
    expect(pausesOf(tried)).toEqual([
      { name: "pause chest.initialize", gainWad: 2n * ether },
      { name: "pause chest.open", gainWad: 2n * ether },
      { name: "pause till.take", gainWad: 50n * ether },
    ]);
  });

  test("but of no asset: that is not the protocol's to pause", async () => {
    const token: Asset = { name: "till", token: stage.till, decimals: 18, priceWad: 0n, capital: 0n };
    const options = { victim: "chest", gain: 52n * ether, assets: [native, token] } as const;
    const names = pausesOf(await triedOn([take(2n), ...opened], options)).map(({ name }) => name);
    expect(names).toEqual(["pause chest.initialize", "pause chest.open"]);
  });

  test("and none where a rule leaves nothing", async () => {
    const tried = await triedOn([take(30n)], { victim: "till", gain: 30n * ether });
    expect([rulesOf(tried).some(({ gainWad }) => gainWad === 0n), pausesOf(tried)]).toEqual([true, []]);
  });
});

describe("LAB-33: of a plan that breaks a figure that is a defence which keeps it, whatever is gained", () => {
  test("also where nothing is gained", async () => {
    const input = encodeFunctionData({ abi: build("Till").abi, functionName: "isShut" });
    const figure: Figure = { name: "shut", to: stage.till, input, word: 0, breaks: { above: 0n } };
    const tried = await triedOn([{ place: "till", name: "shut", actor: 1 }], { victim: "till", gain: 0n, figure });
    expect(tried.length).toBeGreaterThan(0);
    expect(tried[0]).toEqual({ name: expect.stringMatching(/^guard rule DENY till\.shut/), gainWad: 0n });
  });

  test("and not what only leaves him less", async () => {
    const twice = [take(30n), take(30n)];
    const rich = (below: bigint): Figure => ({
      ...{ name: "money", to: stage.till, input: "0x", word: 0, breaks: { below } },
    });
    const onceABlock = ({ name }: TriedDefence) => name.includes("NO_SAME_BLOCK");
    const bySums = await triedOn(twice, { victim: "till", gain: 60n * ether });
    expect(bySums.find(onceABlock)).toMatchObject({ gainWad: 30n * ether });
    // One of the two calls takes 30 of the 500.
    const strict = await triedOn(twice, { victim: "till", gain: 60n * ether, figure: rich(480n * ether) });
    expect(strict.some(onceABlock)).toBe(false);
    expect(strict.map(({ gainWad }) => gainWad)).toContain(0n);
    const loose = await triedOn(twice, { victim: "till", gain: 60n * ether, figure: rich(450n * ether) });
    expect(loose.find(onceABlock)).toMatchObject({ gainWad: 30n * ether });
  });

  test("and none is told for a plan that breaks nothing where it is played by itself", async () => {
    const figure: Figure = { name: "money", to: stage.till, input: "0x", word: 0, breaks: { below: 100n * ether } };
    expect(await triedOn([take(30n)], { victim: "till", gain: 30n * ether, figure })).toEqual([]);
    expect(await triedOn([take(30n)], { victim: "till", gain: 61n * ether })).toEqual([]);
  });
});
