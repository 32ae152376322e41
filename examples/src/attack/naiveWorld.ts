// The reference exchange on modules that defend nothing, built in the engine itself, for searches that begin from its state.
import type { Address, Hex } from "@testudo/core/model/Hex";
import { openGround } from "@testudo/lab/raid/openGround";
import { recordedAccounts } from "@testudo/lab/raid/toCapsule";
import type { Capsule } from "@testudo/lab/record/Capsule";
import type { Abi, Hex as ViemHex } from "viem";
import { decodeFunctionResult, encodeDeployData, encodeFunctionData } from "viem/utils";
import { naiveBuild } from "../reference/attackSuite.ts";

export interface Part {
  readonly name: string;
  readonly address: Address;
  readonly abi: Abi;
}

export interface NaiveWorld {
  readonly director: Address;
  readonly world: Part;
  deploy(contract: string, args: readonly unknown[]): Part;
  /** Calls as the director, and keeps what is written. */
  call(part: Part, functionName: string, args?: readonly unknown[]): unknown;
  /** What the world names by `getter`, a contract of the suite. */
  part(getter: string, contract: string): Part;
  pass(seconds: number): void;
  capsule(name: string): Capsule;
}

type Engine = Awaited<ReturnType<typeof openGround>>;

const director: Address = "0x00000000000000000000000000000000d10ec704";
const gas = 1n << 36n;
const noWord: Hex = `0x${"0".repeat(64)}`;

/** Whom its oracle believes, in the order of NaiveWorld.sol. */
export const sources = { spot: 0, twap: 1, feed: 2, rate: 3 } as const;

/** Builds so many stages of the world. */
export async function buildNaive(source: keyof typeof sources, stages = 3): Promise<NaiveWorld> {
  let [number, timestamp] = [100n, 1_800_000_000n];
  const block = () => ({
    number,
    timestamp,
    gasLimit: 1n << 40n,
    baseFeePerGas: 0n,
    coinbase: director,
    prevRandao: 0n,
    excessBlobGas: 0n,
  });
  const rich = { balance: 10n ** 24n, nonce: 0n, code: "0x" as const, storage: new Map() };
  const engine = await openGround({
    name: "empty",
    chainId: 31_337,
    hardfork: "cancun",
    block: { number, timestamp, baseFeePerGas: 0n },
    accounts: new Map([[director, rich]]),
  });
  const pass = (seconds: number): void => {
    [number, timestamp] = [number + 1n, timestamp + BigInt(seconds)];
    engine.setBlock(block());
  };
  const deploy = (contract: string, args: readonly unknown[]): Part => {
    const { abi, bytecode } = naiveBuild(contract);
    const address = run(engine, null, encodeDeployData({ abi, bytecode, args })).created!;
    return { name: contract, address, abi };
  };
  const call = ({ address, abi }: Part, functionName: string, args: readonly unknown[] = []): unknown => {
    const { output } = run(engine, address, encodeFunctionData({ abi, functionName, args }));
    return decodeFunctionResult({ abi, functionName, data: output });
  };
  const world = deploy("NaiveWorld", [sources[source]]);
  for (let stage = 0n; stage < stages; stage++) {
    pass(Number(call(world, "waitBefore", [stage])));
    call(world, "build", [stage]);
  }
  pass(12);
  return {
    director,
    world,
    deploy,
    call,
    pass,
    part: (getter, contract) => ({
      name: getter,
      address: (call(world, getter) as string).toLowerCase() as Address,
      abi: naiveBuild(contract).abi,
    }),
    capsule: (name) => ({
      name,
      chainId: 31_337,
      hardfork: "cancun",
      block: { number, timestamp, baseFeePerGas: 0n, gasLimit: 30_000_000n, coinbase: director, prevRandao: noWord },
      accounts: recordedAccounts(engine),
    }),
  };
}

function run(engine: Engine, to: Address | null, data: ViemHex): { created?: Address | undefined; output: ViemHex } {
  const done = engine.call({ from: director, to, input: new Uint8Array(Buffer.from(data.slice(2), "hex")), gas });
  const output: ViemHex = `0x${Buffer.from(done.output).toString("hex")}`;
  if (!done.succeeded) throw new Error(`The world does not stand: ${done.error} ${output}.`);
  return { created: done.created, output };
}
