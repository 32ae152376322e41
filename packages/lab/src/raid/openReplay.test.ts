// Finds of another day on the state and the scenario of today.
import type { AbiFunction, Hex } from "viem";
import { encodeFunctionData } from "viem/utils";
import { beforeAll, describe, expect, test } from "vitest";
import { callableOf } from "../adversary/Callable.ts";
import { build, ether, keeper, openTillStage, type TillStage, till } from "../patch/tillStage.testkit.ts";
import { fromHex } from "../record/bytes.ts";
import type { Capsule } from "../record/Capsule.ts";
import { leavesOf } from "./leavesOf.ts";
import { openGround } from "./openGround.ts";
import { openReplay } from "./openReplay.ts";
import type { CallMove, Plan } from "./Plan.ts";
import { prepareCast } from "./prepareCast.ts";
import type { Scenario } from "./Scenario.ts";
import { recordedAccounts, toCapsule } from "./toCapsule.ts";
import { withLeaf } from "./withLeaf.ts";

let stage: TillStage;
let scenario: Scenario;
beforeAll(async () => {
  stage = await openTillStage();
  const shut = { from: keeper, to: stage.till, input: inputOf("shut") };
  scenario = {
    contracts: [
      { name: "till", address: stage.till, abi: till.abi },
      { name: "vault", address: stage.vault, abi: build("Vault").abi },
    ],
    assets: [{ name: "ether", decimals: 18, priceWad: ether, capital: 20n * ether }],
    ...{ accounts: 2, keys: [keeper], powers: [{ name: "shut", seconds: 30, costWad: ether, calls: [shut] }] },
    ...{ guardians: [], addresses: [], words: [], mostSeconds: 3_600 },
    figures: [{ name: "shut", to: stage.till, input: inputOf("isShut"), word: 0, breaks: { above: 0n } }],
  };
});

const inputOf = (functionName: string, args: readonly unknown[] = []): Hex =>
  encodeFunctionData({ abi: till.abi, functionName, args: [...args] });

let ids = 0;
function call(name: string, args: readonly unknown[] = [], more: Partial<CallMove> = {}): CallMove {
  const place = name === "deposit" || name === "withdraw" ? "vault" : "till";
  const { abi } = place === "vault" ? build("Vault") : till;
  const item = abi.find((one) => one.type === "function" && one.name === name) as AbiFunction;
  const callable = callableOf(place, stage[place], item);
  const input = fromHex(encodeFunctionData({ abi, functionName: name, args: [...args] }));
  const leaves = leavesOf(callable.inputs, input)!;
  return { ...{ kind: "call", id: ids++, actor: 0, value: 0n, inner: [] }, ...{ callable, input, leaves }, ...more };
}

async function capsuleOf(plan: Plan): Promise<Capsule> {
  const ground = stage.capsule([]);
  const engine = await openGround(ground);
  return toCapsule(engine, ground, scenario, prepareCast(engine, scenario), plan);
}

const replayed = async (plan: Plan, today: Partial<Scenario> = {}, ground = stage.capsule([])) =>
  (await openReplay(ground, { ...scenario, ...today }))(await capsuleOf(plan));

const played = { ok: true, costWad: 0n, broken: [], powers: [] } as const;

describe("LAB-33: a find of another day, played again", () => {
  test("comes to the same where nothing changed: with calls back, amounts read from the chain, waits and several accounts", async () => {
    const rob = [
      call("deposit", [], { value: 20n * ether }),
      call("withdraw", [], { inner: [call("withdraw", [], { inner: [call("withdraw")] })] }),
    ];
    expect(await replayed(rob)).toEqual({ ...played, gainWad: 40n * ether });
    const limit = call("take", [0n]);
    const asMuch = withLeaf(limit, 0, 0n, {
      ...{ kind: "view", to: stage.steward, question: limitQuestion, word: 0, times: 1n, over: 4n },
    });
    expect(await replayed([asMuch])).toEqual({ ...played, gainWad: 250n * ether });
    const earlier = call("pay", [3n * ether]);
    const answered = withLeaf(call("take", [0n]), 0, 0n, {
      ...{ kind: "earlier", id: earlier.id, word: 0, times: 2n, over: 1n },
    });
    const late = call("take", [5n * ether], { actor: 1 });
    const plan: Plan = [earlier, answered, { kind: "wait", seconds: 600 }, late];
    expect(await replayed(plan)).toEqual({ ...played, gainWad: 11n * ether });
  });

  test("has the powers and keys of the scenario, with what they cost today", async () => {
    const plan: Plan = [call("take", [9n * ether]), { kind: "power", power: 0 }];
    const told = { ok: true, broken: ["shut"], powers: [0] };
    expect(await replayed(plan)).toEqual({ ...told, gainWad: 8n * ether, costWad: ether });
    const dear = scenario.powers.map((power) => ({ ...power, costWad: 4n * ether }));
    expect(await replayed(plan, { powers: dear })).toEqual({ ...told, gainWad: 5n * ether, costWad: 4n * ether });
    const byKey = [call("take", [9n * ether]), call("shut", [], { actor: 2 })];
    expect(await replayed(byKey, { powers: [] })).toEqual({ ...played, broken: ["shut"], gainWad: 9n * ether });
  });

  test("meets the guardians, the prices and the state of today", async () => {
    const plan: Plan = [call("take", [7n * ether]), { kind: "wait", seconds: 100 }, call("take", [8n * ether])];
    const shut = { name: "pause", calls: scenario.powers[0]!.calls };
    expect(await replayed(plan, { figures: [] })).toEqual({ ...played, gainWad: 15n * ether });
    const guarded = { figures: [], guardians: [{ ...shut, after: 50 }] };
    expect(await replayed(plan, guarded)).toEqual({ ...played, gainWad: 7n * ether });
    const assets = scenario.assets.map((asset) => ({ ...asset, priceWad: 3n * ether }));
    expect(await replayed(plan, { assets })).toEqual({ ...played, gainWad: 45n * ether });
    const ground = stage.capsule([]);
    const engine = await openGround(ground);
    engine.call({ from: keeper, to: stage.till, input: fromHex(inputOf("shut")), gas: 100_000n });
    // A figure that is broken without it is not its doing.
    const closed = { ...ground, accounts: recordedAccounts(engine) };
    expect(await replayed(plan, {}, closed)).toEqual({ ...played, gainWad: 0n });
  });

  test("is none where it uses what is not declared any more, and says what", async () => {
    const undeclared = async (plan: Plan, today: Partial<Scenario>) => {
      const result = await replayed(plan, today);
      return result.ok ? "played" : result.why;
    };
    const take = call("take", [ether]);
    const abi = till.abi.filter((item) => !("name" in item && item.name === "take"));
    const contracts = [{ name: "till", address: stage.till, abi }];
    expect(await undeclared([take], { contracts })).toMatch(/: it calls 0x[0-9a-f]{8} of 0x/);
    expect(await undeclared([call("take", [ether], { actor: 1 })], { accounts: 1 })).toMatch(/a77ac001\.$/);
    expect(await undeclared([call("shut", [], { actor: 2 })], { keys: [], powers: [] })).toMatch(/: 0x4{40} calls/);
    expect(await undeclared([take, { kind: "power", power: 0 }], { powers: [], keys: [] })).toMatch(/: 0x4{40} calls/);
    const waits: Plan = [take, { kind: "wait", seconds: 60 }, take];
    expect(await undeclared(waits, { mostSeconds: 0 })).toMatch(/: it waits 60 s\.$/);
    const replay = await openReplay(stage.capsule([]), scenario);
    const found = await capsuleOf([take]);
    const [tx] = found.transactions!;
    expect(replay({ ...found, transactions: [{ ...tx!, input: "0x12345678" }] })).toEqual({
      ok: false,
      why: expect.stringMatching(/plays no calls/),
    });
  });
});

const limitQuestion = encodeFunctionData({
  abi: [
    {
      ...{ type: "function", name: "valueOf", stateMutability: "view" },
      inputs: [{ type: "bytes32" }],
      outputs: [{ type: "uint256" }],
    },
  ],
  args: [`0x${Buffer.from("limit").toString("hex").padEnd(64, "0")}`],
});
