// A till that can be robbed, a steward whose limit it obeys, and people: as a capsule, without a node.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { riskSteward } from "@testudo/contracts";
import { compile } from "@testudo/contracts/compile";
import type { Address, Hex } from "@testudo/core/model/Hex";
import { type Engine, openEngine } from "@testudo/evm/openEngine";
import type { Abi } from "viem";
import { encodeDeployData, encodeFunctionData, stringToHex } from "viem/utils";
import { fromHex, toHex } from "../record/bytes.ts";
import type { Capsule, CapsuleTransaction } from "../record/Capsule.ts";
import type { RecordedAccount } from "../record/recordedState.ts";
import { toWord } from "./readState.ts";

export const ether = 10n ** 18n;
const address = (digit: string): Address => `0x${digit.repeat(40)}`;
export const [alice, bob, thief, keeper, robot] = ["1", "2", "3", "4", "5"].map(address) as [
  Address,
  Address,
  Address,
  Address,
  Address,
];
export const limitId: Hex = stringToHex("limit", { size: 32 });
const firstBlock = 100n;
const firstSecond = 1_750_000_000n;

const source = fileURLToPath(new URL("../../src/patch/Till.testkit.sol", import.meta.url));
// Apart, since templates mend the other file as it stands.
const mixinSource = fileURLToPath(new URL("../../src/patch/MixinTill.testkit.sol", import.meta.url));
const builds = { ...compile([mixinSource]), ...compile([source]) };
export const sources = { "Till.sol": readFileSync(source, "utf8") };
export const build = (name: string) => builds[name] as { abi: Abi; bytecode: Hex; deployedBytecode: Hex };
export const till = build("Till");
export const mendedTill = build("MendedTill");

/** What stands, and the transactions of `people` on it, one block each. */
export interface TillStage {
  readonly till: Address;
  readonly steward: Address;
  readonly clock: Address;
  readonly vault: Address;
  readonly robber: Address;
  readonly chest: Address;
  readonly accomplice: Address;
  readonly coinTill: Address;
  readonly safe: Address;
  readonly mixinTill: Address;
  /** The accomplice of whoever robs the mixin's till. */
  readonly mixinAccomplice: Address;
  readonly relay: Address;
  readonly queue: Address;
  /** A proxy of the mixin's till, and the accomplice of whoever robs it. */
  readonly proxiedTill: Address;
  readonly proxiedAccomplice: Address;
  readonly payer: Address;
  readonly capsule: (transactions: readonly CapsuleTransaction[]) => Capsule;
}

export async function openTillStage(): Promise<TillStage> {
  const block = {
    number: firstBlock,
    timestamp: firstSecond,
    gasLimit: 100_000_000n,
    baseFeePerGas: 0n,
    coinbase: address("0"),
    prevRandao: 0n,
    excessBlobGas: 0n,
  };
  const rich = { balance: 1_000n * ether, nonce: 0n, code: new Uint8Array() };
  const people = [alice, bob, thief, keeper, robot].map((one) => [one, rich] as const);
  const engine = await openEngine({ fork: "cancun", chainId: 1n, block, accounts: new Map(people) });
  const steward = make(engine, riskSteward, [keeper, keeper, keeper]);
  const bounds = {
    ...{ maxStepBps: 9_900, relative: false, cooldown: 60, floor: 1n, ceil: 1_000n * ether },
    ...{ tightDirection: 0, coupledGroup: toWord(0n), ramp: 0 },
  };
  const why = { reason: toWord(1n), evidence: toWord(1n) };
  const asKeeper = (functionName: "setBounds" | "setValues" | "setSteward", args: readonly unknown[]) =>
    send(engine, steward, encodeFunctionData({ abi: riskSteward.abi as Abi, functionName, args }));
  asKeeper("setBounds", [limitId, bounds, why]);
  asKeeper("setValues", [[limitId], [1_000n * ether], why]);
  asKeeper("setSteward", [robot, true, why]);
  const standing = make(engine, till, [steward, keeper], 500n * ether);
  const clock = make(engine, build("Clock"), [firstSecond]);
  const vault = make(engine, build("Vault"), [], 50n * ether);
  const robber = make(engine, build("Robber"), [vault]);
  const chest = make(engine, build("Chest"), [keeper], 50n * ether);
  const accomplice = make(engine, build("Accomplice"), [standing]);
  const coinTill = make(engine, build("CoinTill"), []);
  const safe = make(engine, build("Safe"), [], 250n * ether);
  const mixinTill = make(engine, build("MixinTill"), [keeper], 10n * ether);
  const mixinAccomplice = make(engine, build("Accomplice"), [mixinTill]);
  const relay = make(engine, build("Relay"), []);
  const queue = make(engine, build("Queue"), [], 100n * ether);
  const proxiedTill = make(engine, build("TillProxy"), [mixinTill], 10n * ether);
  const proxiedAccomplice = make(engine, build("Accomplice"), [proxiedTill]);
  const payer = make(engine, build("Payer"), []);
  const accounts = accountsOf(engine);
  return {
    till: standing,
    steward,
    clock,
    vault,
    robber,
    chest,
    accomplice,
    coinTill,
    safe,
    mixinTill,
    mixinAccomplice,
    relay,
    queue,
    proxiedTill,
    proxiedAccomplice,
    payer,
    capsule: (transactions) => ({
      name: "till",
      chainId: 1,
      hardfork: "cancun",
      block: { number: firstBlock, timestamp: firstSecond, baseFeePerGas: 0n },
      accounts,
      victim: standing,
      transactions: transactions.map((tx, i) => ({ blockNumber: firstBlock + 1n + BigInt(i), ...tx })),
    }),
  };
}

/** A call of the till, as a transaction. */
export function callTill(
  stage: TillStage,
  from: Address,
  functionName: string,
  args: readonly unknown[] = [],
  more: Partial<CapsuleTransaction> = {},
): CapsuleTransaction {
  const input = encodeFunctionData({ abi: till.abi, functionName, args: [...args] });
  return { from, to: stage.till, value: 0n, input, gas: 200_000n, ...more };
}

/** A call of the accomplice, as a transaction of the attack. */
export function callAccomplice(
  stage: TillStage,
  from: Address,
  functionName: string,
  args: readonly unknown[],
  more: Partial<CapsuleTransaction> = {},
): CapsuleTransaction {
  const input = encodeFunctionData({ abi: build("Accomplice").abi, functionName, args: [...args] });
  return { from, to: stage.accomplice, value: 0n, input, gas: 300_000n, role: "attack", ...more };
}

export function selectorOfTill(functionName: string, args: readonly unknown[] = []): Hex {
  return encodeFunctionData({ abi: till.abi, functionName, args: [...args] }).slice(0, 10) as Hex;
}

function make(engine: Engine, made: { abi: unknown; bytecode: Hex }, args: readonly unknown[], value = 0n): Address {
  const input = fromHex(encodeDeployData({ abi: made.abi as Abi, bytecode: made.bytecode, args: [...args] }));
  const outcome = engine.call({ from: keeper, to: null, input, value, gas: 30_000_000n });
  if (outcome.created === undefined) throw new Error(`A part of the stage was not made: ${outcome.error}.`);
  return outcome.created;
}

function send(engine: Engine, to: Address, data: Hex): void {
  const outcome = engine.call({ from: keeper, to, input: fromHex(data), gas: 3_000_000n });
  if (!outcome.succeeded) throw new Error(`A call of the stage failed: ${outcome.error} ${toHex(outcome.output)}.`);
}

export function accountsOf(engine: Engine): Map<Address, RecordedAccount> {
  return new Map(
    [...engine.accounts()].map(([one, { balance, nonce, code, storage = new Map<bigint, bigint>() }]) => [
      one,
      {
        balance,
        nonce,
        code: toHex(code),
        storage: new Map([...storage].map(([key, word]) => [toWord(key), toWord(word)])),
      },
    ]),
  );
}
