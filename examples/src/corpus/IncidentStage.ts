// A chain on which incidents are played: contracts, calls in anybody's name, and a note of who did what in which block.
import { fileURLToPath } from "node:url";
import { openEndpoint } from "@testudo/chain/rpc/rpcEndpoint";
import { compile } from "@testudo/contracts/compile";
import type { DetectorUse } from "@testudo/core/model/Detector";
import { type Address, type Hex, toLower } from "@testudo/core/model/Hex";
import { genesisSeconds, type IncidentPlay } from "testudo/backtest/incidents/IncidentRow";
import type { Abi } from "viem";
import { decodeFunctionResult, encodeDeployData, encodeFunctionData } from "viem/utils";

/** A call in the name of `from`. */
export interface StageCall {
  readonly from: Address;
  readonly to: Address;
  readonly data: Hex;
  readonly value?: bigint;
}

/** What is watched of a play. */
export interface Watched {
  readonly watched: readonly Address[];
  readonly detectors: readonly DetectorUse[];
}

export interface IncidentStage {
  /** Puts a contract on the chain, in a block of its own. */
  deploy(contract: string, args?: readonly unknown[], from?: Address): Promise<Address>;
  call(
    from: Address,
    to: Address,
    contract: string,
    name: string,
    args?: readonly unknown[],
    value?: bigint,
  ): StageCall;
  /** One block of these calls in this order, `later` seconds after the last one. Throws where one fails. */
  mine(calls: readonly StageCall[], later?: number): Promise<void>;
  read<T>(to: Address, contract: string, name: string, args?: readonly unknown[]): Promise<T>;
  /** From the next block on it is judged; then comes the twin; then the attack; and in the next block the loss. */
  begin(part: "use" | "twin" | "attack" | "harm"): void;
  end(watched: Watched): IncidentPlay;
}

// Several lists, because each is compiled and cached by itself, and some are needed elsewhere as well.
const own = ["Market", "Bank", "Exchanges", "Options", "Control"].map((name) => `contracts/${name}.sol`);
const lists = [
  own,
  ["../derivatives/contracts/ScenarioPerp.sol"],
  ["../catalogue/Catalogue.sol", "../../../contracts/test/incidents/worlds/Governors.sol"],
  ["../morpho/contracts/PushFeed.sol", "../../../contracts/src/adapters/ChainlinkAdapter.sol"],
];
const builds = new Map<number, ReturnType<typeof compile>>();

/** The build of a contract of the corpus. Throws for a name that there is not. */
export function buildOf(name: string): { readonly abi: Abi; readonly bytecode: Hex } {
  for (const [i, list] of lists.entries()) {
    // The sources stay in src/ when this file runs from dist/.
    const files = () => list.map((file) => fileURLToPath(new URL(`../../src/corpus/${file}`, import.meta.url)));
    if (!builds.has(i)) builds.set(i, compile(files()));
    const build = builds.get(i)![name];
    if (build !== undefined) return build as { abi: Abi; bytecode: Hex };
  }
  throw new Error(
    `There is no contract "${name}" in the corpus.\n- Its sources are in src/corpus/contracts.\n- Correct the name.`,
  );
}

const nobody: Address = `0x${"d0".repeat(20)}`;
const gwei = 10n ** 9n;
const quantity = (amount: bigint): Hex => `0x${amount.toString(16)}`;

/** Opens a stage on the node at `rpcUrl`, which signs for everybody and mines when it is told. */
export function openIncidentStage(rpcUrl: string): IncidentStage {
  const node = openEndpoint(rpcUrl, { label: "stage", timeoutMs: 60_000 });
  const nonces = new Map<Address, number>();
  const roles = new Map<Hex, "benign" | "attack">();
  const starts = new Map<string, bigint>();
  let [height, now]: [bigint, bigint] = [0n, genesisSeconds];
  let role: "benign" | "attack" | undefined;

  /** Sends in one request each what has no order, and what has one by its nonce and fee: anvil orders a block by fee. */
  async function send(calls: readonly (Omit<StageCall, "to"> & { readonly to?: Address })[]): Promise<Hex[]> {
    const fresh = [...new Set(calls.map(({ from }) => from))].filter((from) => !nonces.has(from));
    for (const from of fresh) nonces.set(from, 0);
    await node.batch(fresh.map((from) => ({ method: "anvil_setBalance", params: [from, quantity(10n ** 24n)] })));
    const sent = calls.map(({ value = 0n, ...call }, order) => {
      const nonce = nonces.get(call.from)!;
      nonces.set(call.from, nonce + 1);
      const fees = {
        maxFeePerGas: quantity(100n * gwei),
        maxPriorityFeePerGas: quantity(gwei - BigInt(order) * 1_000n),
      };
      return { ...call, ...fees, value: quantity(value), nonce: quantity(BigInt(nonce)), gas: quantity(20_000_000n) };
    });
    const answers = await node.batch(sent.map((one) => ({ method: "eth_sendTransaction", params: [one] })));
    return answers.map((answer, i) => {
      if (answer.ok) return answer.result as Hex;
      throw new Error(`Call ${i} after block ${height} was not taken: ${answer.error}.`);
    });
  }

  async function seal(hashes: readonly Hex[], later: number): Promise<Address | undefined> {
    // The clock is the stage's own: a block's time depends on nothing but the play.
    now += BigInt(later);
    await node.request("evm_setNextBlockTimestamp", [Number(now)]);
    await node.request("evm_mine");
    height += 1n;
    const answers = await node.batch(hashes.map((hash) => ({ method: "eth_getTransactionReceipt", params: [hash] })));
    let created: Address | undefined;
    for (const [i, answer] of answers.entries()) {
      const receipt = answer.ok ? (answer.result as { status: Hex; contractAddress: Address | null } | null) : null;
      if (receipt?.status !== "0x1")
        throw new Error(`Call ${i} of block ${height} failed.\n- All calls of a play succeed.\n- Trace ${hashes[i]}.`);
      if (receipt.contractAddress !== null) created = toLower(receipt.contractAddress);
      if (role !== undefined) roles.set(hashes[i]!, role);
    }
    return created;
  }

  const dataOf = (contract: string, functionName: string, args: readonly unknown[]) =>
    encodeFunctionData({ abi: buildOf(contract).abi, functionName, args: [...args] });

  return {
    async deploy(contract, args = [], from = nobody) {
      const { abi, bytecode } = buildOf(contract);
      const data = encodeDeployData({ abi, bytecode, args: [...args] });
      return (await seal(await send([{ from, data }]), 12))!;
    },
    call: (from, to, contract, name, args = [], value) => ({
      from,
      to,
      data: dataOf(contract, name, args),
      ...(value === undefined ? {} : { value }),
    }),
    async mine(calls, later = 12) {
      await seal(await send(calls), later);
    },
    async read<T>(to: Address, contract: string, name: string, args: readonly unknown[] = []) {
      const data = (await node.request("eth_call", [{ to, data: dataOf(contract, name, args) }, "latest"])) as Hex;
      return decodeFunctionResult({ abi: buildOf(contract).abi, functionName: name, data }) as T;
    },
    begin(part) {
      starts.set(part, height + 1n);
      if (part === "attack") role = "attack";
      else if (part !== "harm") role = "benign";
    },
    end({ watched, detectors }) {
      node.close();
      const start = (part: string) => starts.get(part)!;
      const [from, twinFrom, attackFrom, harm] = [start("use"), start("twin"), start("attack"), start("harm")];
      return { watched: watched.map(toLower), detectors, from, twinFrom, attackFrom, harm, to: height, roles };
    },
  };
}

/** Addresses of people, for their own names' sake. */
export function person(n: number): Address {
  return `0x${(0xa0_0000 + n).toString(16).padStart(40, "0")}`;
}
/** Whoever sets things up, and whoever robs. */
export const [manager, thief, accomplice] = [person(1), person(2), person(3)] as const;
export const users: readonly Address[] = Array.from({ length: 12 }, (_, i) => person(16 + i));

/** Whole units of 18 decimals; to a millionth. */
export const units = (amount: number) => BigInt(Math.round(amount * 1e6)) * 10n ** 12n;
export const most = 2n ** 256n - 1n;
