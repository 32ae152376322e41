import type { Address, Hex } from "@testudo/core/model/Hex";
import type { MetAccount, TxRecord } from "@testudo/core/model/TxRecord";
import { RpcRefused } from "../rpc/RpcError.ts";
import type { Endpoint } from "../rpc/rpcEndpoint.ts";
import { openNodeState } from "../state/openNodeState.ts";
import { toFields } from "../wire/parseField.ts";
import { parsePrestate } from "../wire/parsePrestate.ts";
import { parseAccessList } from "../wire/parseTxFields.ts";
import { proveState } from "./proveState.ts";
import { ProofBroken } from "./verifyProof.ts";

/** A tracer runs the transaction again, and all before it in its block. */
const tracerTimeoutMs = 120_000;

type Met = Pick<TxRecord, "met" | "metBy">;

/**
 * What a transaction of a block touched, as it was before: from prestateTracer, or where the node has none, the keys of
 * eth_createAccessList with their values after the block before, held against proofs. Throws `RpcRefused` where the node has
 * neither, and `StateDisproved` where it contradicts itself.
 */
export async function readMetState(endpoint: Endpoint, record: Omit<TxRecord, "met" | "metBy">): Promise<Met> {
  const traced = await tracePrestate(endpoint, record.tx.hash);
  return traced === undefined ? readByAccessList(endpoint, record) : { met: traced, metBy: "tracer" };
}

async function tracePrestate(endpoint: Endpoint, hash: Hex): Promise<Map<Address, MetAccount> | undefined> {
  const method = "debug_traceTransaction";
  const options = { tracer: "prestateTracer", timeout: `${tracerTimeoutMs / 1000}s` };
  try {
    const answer = await endpoint.request(method, [hash, options], { timeoutMs: tracerTimeoutMs });
    return parsePrestate(answer, { method, endpoint: endpoint.label });
  } catch (error) {
    if (error instanceof RpcRefused) return undefined;
    throw error;
  }
}

async function readByAccessList(endpoint: Endpoint, { tx, header }: Omit<TxRecord, "met" | "metBy">): Promise<Met> {
  const method = "eth_createAccessList";
  const { from, to, value, input, gas } = tx;
  const call = { from, ...(to === null ? {} : { to }), value: quantity(value), data: input, gas: quantity(gas) };
  const answer = await endpoint.request(method, [call, quantity(header.number - 1n)]);
  const source = { method, endpoint: endpoint.label };
  const list = parseAccessList(toFields(source, "result", answer).accessList, source);
  const keys = new Map<Address, Set<Hex>>();
  const touch = (address: Address, slots: readonly Hex[]) =>
    keys.set(address, new Set([...(keys.get(address) ?? []), ...slots]));
  for (const { address, storageKeys } of [...list, ...(tx.accessList ?? [])]) touch(address, storageKeys);
  for (const address of [from, ...(to === null ? [] : [to]), header.coinbase]) touch(address, []);
  const met = await readAll(endpoint, header.parentHash, keys);
  return { met, metBy: (await isProved(endpoint, header.parentHash, met)) ? "proofs" : "reads" };
}

// Chains that have no such trie still make something that looks like a proof.
async function isProved(endpoint: Endpoint, blockHash: Hex, met: ReadonlyMap<Address, MetAccount>): Promise<boolean> {
  try {
    return await proveState(endpoint, blockHash, met);
  } catch (error) {
    if (error instanceof ProofBroken || error instanceof RpcRefused) return false;
    throw error;
  }
}

async function readAll(
  endpoint: Endpoint,
  blockHash: Hex,
  keys: ReadonlyMap<Address, ReadonlySet<Hex>>,
): Promise<Map<Address, MetAccount>> {
  const state = openNodeState(endpoint, blockHash);
  const slots = [...keys].flatMap(([address, names]) => [...names].map((key) => [address, key] as const));
  await state.warm({ accounts: [...keys.keys()], slots });
  const met = new Map<Address, MetAccount>();
  for (const [address, names] of keys) {
    const storage = new Map<Hex, Hex>();
    for (const key of names) storage.set(key, await state.slot(address, key));
    met.set(address, { ...(await state.account(address))!, storage });
  }
  return met;
}

function quantity(value: bigint): Hex {
  return `0x${value.toString(16)}`;
}
