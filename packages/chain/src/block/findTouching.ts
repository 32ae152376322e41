import type { Address, Hex } from "@testudo/core/model/Hex";
import { RpcRefused } from "../rpc/RpcError.ts";
import type { Endpoint } from "../rpc/rpcEndpoint.ts";
import { parseBlock } from "../wire/parseBlock.ts";
import { type Source, toBigint, toFields, toHash, toList } from "../wire/parseField.ts";
import { blockCall } from "./fetchBundle.ts";

/** A transaction and where it stands. */
export interface PlacedHash {
  readonly hash: Hex;
  readonly block: bigint;
}

/** A transaction that touched a contract. */
export interface TouchingPlace extends PlacedHash {
  /** The contract wrote a log in it, or it was sent to the contract. Of the others a log names it, which any contract may write. */
  readonly isUse: boolean;
}

/** What touched a contract, as far as a node tells without traces; `gaps` is what could not be asked, a sentence each. */
export interface Touching {
  /** In the order of the chain. */
  readonly places: readonly TouchingPlace[];
  readonly gaps: readonly string[];
}

// Whole blocks are heavy. What calls the contract and leaves no log is seen this far back only.
const wholeBlocksMax = 256n;
const blocksAtOnce = 32;

/**
 * The transactions of the blocks `from` to `to` that logged something of `target` (as emitter, or as one of the first two
 * indexed words, as transfers name both sides) and, of the last 256 of them, those sent to it. Calls by way of another
 * contract that leave no such log are not seen. Throws `RpcUnreachable` or `RpcMalformed`.
 */
export async function findTouching(endpoint: Endpoint, target: Address, from: bigint, to: bigint): Promise<Touching> {
  const word = `0x${target.slice(2).padStart(64, "0")}`;
  const filters = [{ address: target }, { topics: [null, word] }, { topics: [null, null, word] }];
  const range = { fromBlock: `0x${from.toString(16)}`, toBlock: `0x${to.toString(16)}` };
  const gaps: string[] = [];
  const found = new Map<Hex, TouchingPlace>();
  const note = (place: PlacedHash, isUse: boolean): void =>
    void found.set(place.hash, { ...place, isUse: isUse || found.get(place.hash)?.isUse === true });
  for (const filter of filters)
    try {
      for (const place of await logPlaces(endpoint, { ...range, ...filter })) note(place, "address" in filter);
    } catch (error) {
      if (!(error instanceof RpcRefused)) throw error;
      gaps.push(`The node gives no logs of blocks ${from} to ${to}: ${error.message.split("\n")[0]}`);
    }
  const oldest = to - from < wholeBlocksMax ? from : to - wholeBlocksMax + 1n;
  for (const place of await sentTo(endpoint, target, oldest, to)) note(place, true);
  const places = [...found.values()];
  return { places: places.sort((a, b) => (a.block < b.block ? -1 : a.block > b.block ? 1 : 0)), gaps };
}

async function logPlaces(endpoint: Endpoint, filter: object): Promise<readonly PlacedHash[]> {
  const source: Source = { method: "eth_getLogs", endpoint: endpoint.label };
  const logs = toList(source, "logs", await endpoint.request("eth_getLogs", [filter]));
  return logs.map((log, i) => {
    const fields = toFields(source, `logs[${i}]`, log);
    return {
      hash: toHash(source, "transactionHash", fields.transactionHash),
      block: toBigint(source, "blockNumber", fields.blockNumber),
    };
  });
}

async function sentTo(endpoint: Endpoint, target: Address, from: bigint, to: bigint): Promise<readonly PlacedHash[]> {
  const found: PlacedHash[] = [];
  for (let first = from; first <= to; first += BigInt(blocksAtOnce)) {
    const count = Math.min(blocksAtOnce, Number(to - first) + 1);
    const answers = await endpoint.batch(Array.from({ length: count }, (_, i) => blockCall(first + BigInt(i), true)));
    for (const answer of answers) {
      if (!answer.ok) throw answer.error;
      const block = parseBlock(answer.result, { method: "eth_getBlockByNumber", endpoint: endpoint.label });
      for (const tx of block?.txs ?? []) if (tx.to === target) found.push({ hash: tx.hash, block: block!.ref.number });
    }
  }
  return found;
}
