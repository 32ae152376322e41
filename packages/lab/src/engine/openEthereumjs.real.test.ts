// The trees that geth's own tests expect of callTracer. Skipped without the data set.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createTxFromRLP } from "@ethereumjs/tx";
import type { CallFrame, FrameType } from "@testudo/core/model/BlockBundle";
import type { EvmBlock, EvmTransaction } from "@testudo/core/model/Evm";
import { type Address, type Hex, toLower } from "@testudo/core/model/Hex";
import { describe, expect, test } from "vitest";
import { fromHex, toHex } from "../record/bytes.ts";
import { type RecordedAccount, recordedState } from "../record/recordedState.ts";
import { openEthereumjs } from "./openEthereumjs.ts";
import { openEvm } from "./openEvm.ts";
import { openRules } from "./openRules.ts";

const data = process.env.TESTUDO_DATA;
const folder = data === undefined ? "" : join(data, "geth-tracer");
const skipped = data === undefined || !existsSync(folder);

interface GethFrame {
  readonly type: string;
  readonly from: Hex;
  readonly to?: Hex;
  readonly value?: Hex;
  readonly input?: Hex;
  readonly output?: Hex;
  readonly error?: string;
  readonly gasUsed?: Hex;
  readonly calls?: readonly GethFrame[];
  readonly logs?: readonly {
    readonly address: Hex;
    readonly topics: Hex[];
    readonly data: Hex;
    readonly position: Hex;
  }[];
}

interface Fixture {
  readonly genesis: {
    readonly alloc: {
      readonly [address: string]: { balance: string; nonce?: string; code?: Hex; storage?: { [key: Hex]: Hex } };
    };
    readonly config: { readonly [name: string]: unknown };
    readonly excessBlobGas?: string;
  };
  readonly context: {
    readonly number: string;
    readonly timestamp: string;
    readonly gasLimit: string;
    readonly miner: Hex;
    readonly difficulty?: string;
    readonly baseFeePerGas?: string;
  };
  readonly input: Hex;
  readonly tracerConfig?: { readonly withLog?: boolean; readonly onlyTopCall?: boolean };
  readonly result: GethFrame;
}

const byNumber = [
  ["londonBlock", "london"],
  ["berlinBlock", "berlin"],
  ["istanbulBlock", "istanbul"],
  ["petersburgBlock", "petersburg"],
  ["byzantiumBlock", "byzantium"],
  ["eip158Block", "spuriousDragon"],
  ["eip150Block", "tangerineWhistle"],
  ["homesteadBlock", "homestead"],
] as const;

function hardforkOf({ genesis: { config }, context }: Fixture): string {
  if (config.cancunTime !== undefined && Number(config.cancunTime) <= Number(context.timestamp)) return "cancun";
  // Go reads JSON names in any case, and one fixture makes use of it.
  const since = new Map(Object.entries(config).map(([name, at]) => [name.toLowerCase(), Number(at)]));
  const isIn = (name: string) => (since.get(name.toLowerCase()) ?? Number.POSITIVE_INFINITY) <= Number(context.number);
  return byNumber.find(([name]) => isIn(name))?.[1] ?? "chainstart";
}

function blockOf(fixture: Fixture): EvmBlock {
  const { context, genesis } = fixture;
  return {
    chainId: Number(genesis.config.chainId),
    number: BigInt(context.number),
    timestamp: BigInt(context.timestamp),
    baseFeePerGas: BigInt(context.baseFeePerGas ?? 0),
    gasLimit: BigInt(context.gasLimit),
    coinbase: toLower(context.miner),
    prevRandao: `0x${"0".repeat(64)}`,
    difficulty: BigInt(context.difficulty ?? 0),
    excessBlobGas: BigInt(genesis.excessBlobGas ?? 0),
    hardfork: hardforkOf(fixture),
  };
}

function accountsOf({ genesis }: Fixture): Map<Address, RecordedAccount> {
  return new Map(
    Object.entries(genesis.alloc).map(([address, { balance, nonce, code, storage }]) => [
      toLower(address),
      {
        balance: BigInt(balance),
        nonce: BigInt(nonce ?? 0),
        code: toLower(code ?? "0x"),
        storage: new Map(Object.entries(storage ?? {}).map(([key, word]) => [toLower(key), toLower(word)])),
      },
    ]),
  );
}

function txOf(fixture: Fixture): EvmTransaction {
  const tx = createTxFromRLP(fromHex(fixture.input), { common: openRules(blockOf(fixture)) });
  const common = {
    from: toHex(tx.getSenderAddress().bytes),
    to: tx.to === undefined ? null : toHex(tx.to.bytes),
    value: tx.value,
    input: toHex(tx.data),
    gas: tx.gasLimit,
    nonce: tx.nonce,
  };
  if ("maxFeePerGas" in tx) {
    const { maxFeePerGas, maxPriorityFeePerGas } = tx;
    const blobs =
      "blobVersionedHashes" in tx
        ? { blobVersionedHashes: tx.blobVersionedHashes as Hex[], maxFeePerBlobGas: tx.maxFeePerBlobGas }
        : {};
    return { ...common, maxFeePerGas, maxPriorityFeePerGas, ...blobs };
  }
  return { ...common, gasPrice: (tx as { gasPrice: bigint }).gasPrice };
}

// The engine names no opcode, and does not tell what gas was lacking for.
function errorOf(error: string): string {
  return error.replace(/^(invalid opcode).*$/, "$1").replace(/^contract creation code storage (out of gas)$/, "$1");
}

/** The fixture's tree in our fields. Older fixtures leave out what a later geth would not. */
function expectedOf(frame: GethFrame, withLog: boolean): CallFrame {
  const isCreation = frame.type.startsWith("CREATE");
  const value = frame.type === "DELEGATECALL" || frame.type === "STATICCALL" ? 0n : BigInt(frame.value ?? 0);
  return {
    type: frame.type as FrameType,
    from: toLower(frame.from),
    to: frame.error !== undefined && isCreation ? `0x${"0".repeat(40)}` : toLower(frame.to!),
    value,
    input: toLower(frame.input ?? "0x"),
    output: toLower(frame.output ?? "0x"),
    ...(frame.error === undefined ? {} : { error: errorOf(frame.error) }),
    calls: (frame.calls ?? []).map((call) => expectedOf(call, withLog)),
    logs: (frame.logs ?? []).map((log) => ({
      address: toLower(log.address),
      topics: log.topics.map(toLower),
      data: toLower(log.data),
      position: Number(log.position),
    })),
  };
}

function comparable(frame: CallFrame, { withLog, onlyTopCall }: NonNullable<Fixture["tracerConfig"]>): CallFrame {
  return {
    ...frame,
    calls: onlyTopCall ? [] : frame.calls.map((call) => comparable(call, { ...(withLog ? { withLog } : {}) })),
    logs: withLog && !onlyTopCall ? frame.logs : [],
  };
}

// Before Homestead a creation that could not pay for its code made an empty contract; no chain runs by those rules.
const beforeHomestead = "frontier_create_outofstorage.json";

const files = skipped
  ? []
  : ["call_tracer", "call_tracer_withLog"].flatMap((kind) =>
      readdirSync(join(folder, kind))
        .filter((name) => name.endsWith(".json") && name !== beforeHomestead)
        .map((name) => `${kind}/${name}`),
    );

describe.skipIf(skipped)("geth's call trees (set TESTUDO_DATA to run)", () => {
  test.each(files)("ENGINE-01: %s is reproduced frame by frame, with its gas", async (name) => {
    const fixture = JSON.parse(readFileSync(join(folder, name), "utf8")) as Fixture;
    const source = recordedState({ accounts: accountsOf(fixture), absentSlots: "zero" });
    const config = fixture.tracerConfig ?? {};
    // The second is our own engine where it knows the fixture's rules.
    for (const open of [openEthereumjs, openEvm]) {
      const evm = await open(source, blockOf(fixture));
      const outcome = await evm.run(txOf(fixture));
      if (outcome.kind !== "ran") throw new Error(`${outcome.reason}: ${outcome.detail}`);
      expect(comparable(outcome.trace, config)).toEqual(expectedOf(fixture.result, config.withLog === true));
      if (fixture.result.gasUsed !== undefined) expect(outcome.gasUsed).toBe(BigInt(fixture.result.gasUsed));
    }
  });
});
