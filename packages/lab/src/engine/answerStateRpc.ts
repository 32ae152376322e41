// JSON-RPC of a node that has one state and no way to change it: as much as forks of anvil, forge and Hardhat ask for.
import { createHash } from "node:crypto";
import { StateMissing, type StateSource } from "@testudo/core/model/Evm";
import { type Hex, isAddress, toLower } from "@testudo/core/model/Hex";
import type { CapsuleHeader } from "../record/Capsule.ts";
import { toRpcBlock } from "./toRpcBlock.ts";

/** What a node of one state is made of. */
export interface ServedState {
  readonly chainId: number;
  /** Its latest block. Whatever block is named, the state is the one after this. */
  readonly header: CapsuleHeader;
  readonly source: StateSource;
  readonly blockHashes?: ReadonlyMap<bigint, Hex>;
  /** Asked for hashes that are not among these; what it throws is the answer. */
  readonly hashOf?: (number: bigint) => Promise<Hex>;
}

/** Answers one request; for what is no request too. */
export type AnswerRpc = (request: unknown) => Promise<RpcResponse>;

export interface RpcResponse {
  readonly jsonrpc: "2.0";
  readonly id: unknown;
  readonly result?: unknown;
  readonly error?: { readonly code: number; readonly message: string };
}

const noWord: Hex = `0x${"0".repeat(64)}`;

type Method = (params: readonly unknown[]) => unknown;

/** The answering side of a node of `served`, without a socket. */
export function answerStateRpc(served: ServedState): AnswerRpc {
  const methods = { ...blockMethods(served), ...stateMethods(served.source) };
  return async (request) => {
    const { id = null, method, params } = (request ?? {}) as { id?: unknown; method?: unknown; params?: unknown };
    try {
      const run = typeof method === "string" && Object.hasOwn(methods, method) ? methods[method] : undefined;
      if (run === undefined)
        return failed(id, -32601, `This node has one state and only reads: no "${nameOf(method)}".`);
      return { jsonrpc: "2.0", id, result: await run(Array.isArray(params) ? params : []) };
    } catch (error) {
      if (error instanceof WrongParameter) return failed(id, -32602, error.message);
      if (error instanceof StateMissing) return failed(id, -32000, error.message);
      return failed(id, -32603, error instanceof Error ? error.message : String(error));
    }
  };
}

function blockMethods({ chainId, header, blockHashes = new Map(), hashOf }: ServedState): { [method: string]: Method } {
  // Not part of a record as a rule. Stand-ins are stable and differ by chain and number.
  const known = (number: bigint): Hex | undefined => (number === header.number ? header.hash : blockHashes.get(number));
  const named = (number: bigint): Hex => known(number) ?? standIn(chainId, number);
  const block = async (number: bigint) => {
    if (number > header.number) return null;
    const hash = number < header.number ? (known(number) ?? (await hashOf?.(number))) : undefined;
    return toRpcBlock(header, number, hash ?? named(number), number > 0n ? named(number - 1n) : noWord);
  };
  const byHash = (hash: unknown) => {
    // A fork asks for the block that it stands on, and for those right before it.
    for (let number = header.number; number >= 0n && number > header.number - 256n; number -= 1n)
      if (named(number) === hash) return block(number);
    return null;
  };
  return {
    eth_chainId: () => quantity(BigInt(chainId)),
    net_version: () => `${chainId}`,
    web3_clientVersion: () => "testudo-capsule/1",
    eth_syncing: () => false,
    eth_accounts: () => [],
    eth_blockNumber: () => quantity(header.number),
    eth_gasPrice: () => quantity(header.baseFeePerGas),
    eth_maxPriorityFeePerGas: () => "0x0",
    eth_getBlockByNumber: ([tag]) => block(numberOf(tag, header.number)),
    eth_getBlockByHash: ([hash]) => byHash(String(hash).toLowerCase()),
    eth_getTransactionByHash: () => null,
    eth_getTransactionReceipt: () => null,
    eth_getLogs: () => [],
  };
}

function stateMethods(source: StateSource): { [method: string]: Method } {
  const find = async (value: unknown) => {
    if (!isAddress(value)) throw new WrongParameter("address", value);
    return source.account(toLower(value));
  };
  const codeOf = async (address: unknown): Promise<Hex> => {
    const code = (await find(address))?.code;
    if (code === null) throw new StateMissing("missing-code", `The code of ${address}`);
    return code ?? "0x";
  };
  return {
    eth_getBalance: async ([address]) => quantity((await find(address))?.balance ?? 0n),
    eth_getTransactionCount: async ([address]) => quantity((await find(address))?.nonce ?? 0n),
    eth_getCode: ([address]) => codeOf(address),
    eth_getAccountInfo: async ([address]) => {
      const { balance, nonce } = (await find(address)) ?? { balance: 0n, nonce: 0n };
      return { balance: quantity(balance), nonce: quantity(nonce), code: await codeOf(address) };
    },
    eth_getStorageAt: async ([address, slot]) => {
      await find(address);
      return source.slot(toLower(address as Hex), slotOf(slot));
    },
  };
}

function slotOf(value: unknown): Hex {
  if (typeof value !== "string" || !/^0x[0-9a-fA-F]{1,64}$/.test(value))
    throw new WrongParameter("storage slot", value);
  return `0x${value.slice(2).toLowerCase().padStart(64, "0")}`;
}

function numberOf(tag: unknown, latest: bigint): bigint {
  if (tag === "earliest") return 0n;
  if (typeof tag !== "string" || !/^0x[0-9a-fA-F]{1,16}$/.test(tag)) return latest;
  return BigInt(tag);
}

function standIn(chainId: number, number: bigint): Hex {
  return `0x${createHash("sha256").update(`testudo-capsule/1:${chainId}:${number}`).digest("hex")}`;
}

function failed(id: unknown, code: number, message: string): RpcResponse {
  return { jsonrpc: "2.0", id, error: { code, message } };
}

function nameOf(method: unknown): string {
  return typeof method === "string" ? method.slice(0, 100) : typeof method;
}

function quantity(value: bigint): Hex {
  return `0x${value.toString(16)}`;
}

/** A parameter is not what the method takes. A fault of whoever asks. */
class WrongParameter extends Error {
  override readonly name = "WrongParameter";
  constructor(what: string, value: unknown) {
    super(`${JSON.stringify(value)?.slice(0, 100)} is no ${what}.`);
  }
}
