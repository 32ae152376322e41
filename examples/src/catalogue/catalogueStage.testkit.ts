// A local chain, contracts on it, and a watcher that judges each block as `testudo watch` does.
import { fileURLToPath } from "node:url";
import { fetchBundle } from "@testudo/chain/block/fetchBundle";
import { openFork } from "@testudo/chain/fork/forkAt";
import { simulateReads } from "@testudo/chain/fork/simulateReads";
import { startAnvil } from "@testudo/chain/fork/startAnvil";
import { openEndpoint } from "@testudo/chain/rpc/rpcEndpoint";
import { openStateReader } from "@testudo/chain/state/readState";
import { compile } from "@testudo/contracts/compile";
import type { DetectorUse } from "@testudo/core/model/Detector";
import type { Finding } from "@testudo/core/model/Finding";
import { type Address, type Hex, toLower } from "@testudo/core/model/Hex";
import type { Program } from "@testudo/core/model/Program";
import { openState } from "@testudo/core/pipeline";
import type { Abi } from "viem";
import { encodeDeployData, encodeFunctionData } from "viem/utils";
import { judgeBundle, type Watch } from "../judged/judgeBundle.ts";

/** The first block's time: far enough from zero that a day can be taken off. */
export const genesisSeconds = 1_750_000_000;

// The sources stay in src/ when this file runs from dist/.
const sources = ["../../src/catalogue/Catalogue.sol", "../../../contracts/test/incidents/worlds/Governors.sol"];
let builds: ReturnType<typeof compile> | undefined;

/** The build of a contract of the catalogue, of its governors, or of what they import. */
export function buildOf(name: string) {
  builds ??= compile(sources.map((file) => fileURLToPath(new URL(file, import.meta.url))));
  return builds[name]!;
}

/** A call of `from`, whose key nobody needs. */
export interface StageCall {
  readonly from: Address;
  readonly to: Address;
  readonly data: Hex;
}

export interface CatalogueStage {
  readonly url: string;
  /** Puts a contract on the chain, in a block of its own. */
  deploy(name: string, args?: readonly unknown[]): Promise<Address>;
  call(from: Address, to: Address, contract: string, functionName: string, args?: readonly unknown[]): StageCall;
  /** One block of these calls, `later` seconds after the last; all have to succeed unless `mayFail`. */
  mine(calls: readonly StageCall[], later?: number): Promise<void>;
  /** From now on each block is judged. Findings come from `mine` through `found`. */
  watch(watched: readonly Address[], detectors: readonly DetectorUse[]): Promise<void>;
  /** What `watch` judges by. */
  program(): Program;
  /** The last block's number. */
  height(): bigint;
  /** What was found since the last time it was asked, as `severity detector kind`. */
  found(): string[];
  findings(): Finding[];
  close(): Promise<void>;
}

/** Opens a stage. */
export async function openCatalogueStage({ chainId = 31_337 } = {}): Promise<CatalogueStage> {
  const args = ["--auto-impersonate"];
  const anvil = await startAnvil({ noMining: true, timestamp: genesisSeconds, chainId, args });
  const node = openEndpoint(anvil.url, { label: "stage", timeoutMs: 60_000 });
  const fork = openFork([node]);
  const reader = simulateReads(openStateReader([node]), fork, 60_000);
  let watch: Watch | undefined;
  let height = 0n;
  let fresh: Finding[] = [];

  async function send(transaction: object, funded: Address): Promise<Hex> {
    await node.request("anvil_setBalance", [funded, `0x${(10n ** 21n).toString(16)}`]);
    return (await node.request("eth_sendTransaction", [{ ...transaction, gas: "0x7a1200" }])) as Hex;
  }

  async function seal(hashes: readonly Hex[], later: number): Promise<Address[]> {
    await node.request("evm_increaseTime", [later]);
    await node.request("evm_mine");
    height += 1n;
    const receipts = await Promise.all(hashes.map((hash) => node.request("eth_getTransactionReceipt", [hash])));
    const created: Address[] = [];
    for (const receipt of receipts as { status: Hex; contractAddress: Address | null }[]) {
      if (receipt.status !== "0x1")
        throw new Error(`A call of block ${height} failed.\n- All calls of a stage succeed.`);
      if (receipt.contractAddress !== null) created.push(toLower(receipt.contractAddress));
    }
    if (watch !== undefined)
      fresh.push(...(await judgeBundle(watch, await fetchBundle(node, height, ["X", "L", "T"]), reader)));
    return created;
  }

  return {
    url: anvil.url,
    async deploy(name, args = []) {
      const { abi, bytecode } = buildOf(name);
      const from: Address = `0x${"d0".repeat(20)}`;
      const data = encodeDeployData({ abi: abi as Abi, bytecode, args: [...args] });
      const [created] = await seal([await send({ from, data }, from)], 1);
      return created!;
    },
    call: (from, to, contract, functionName, args = []) => ({
      from,
      to,
      data: encodeFunctionData({ abi: buildOf(contract).abi as Abi, functionName, args: [...args] }),
    }),
    async mine(calls, later = 12) {
      const hashes: Hex[] = [];
      for (const call of calls) hashes.push(await send(call, call.from));
      await seal(hashes, later);
    },
    async watch(watched, detectors) {
      const program = { chainId, watched, detectors, playbooks: [], policy: null };
      watch = { program, state: openState() };
    },
    program: () => watch!.program,
    height: () => height,
    found() {
      const told = fresh.map((f) => `${f.severity} ${f.detector} ${f.evidence.kind ?? ""}`.trim());
      fresh = [];
      return told;
    },
    findings: () => fresh,
    async close() {
      await fork.stop();
      node.close();
      await anvil.stop();
    },
  };
}
