import type { AccountState, StateSource } from "@testudo/core/model/Evm";
import type { Address, Hex } from "@testudo/core/model/Hex";
import { fetchBlock } from "./fetchBundle.ts";
import { type Source, toBigint, toBytes } from "./parseField.ts";
import type { Endpoint, RpcCall } from "./rpcEndpoint.ts";

/** State behind a node, and how often it was asked. */
export interface NodeState extends StateSource {
  /** Questions that went out so far: what was not here yet (PRE-03). */
  readonly asked: () => number;
}

/**
 * The state after block `hash` as an engine's source, asked of the node when something is first needed, by hash and never
 * by number. Accounts and slots are kept, so that a second engine on the same state starts warm.
 * Its members throw what the endpoint throws, and `RpcRefused` where the node has that state no more.
 */
export function openNodeState(endpoint: Endpoint, hash: Hex): NodeState {
  const accounts = new Map<Address, Promise<AccountState>>();
  const slots = new Map<string, Promise<Hex>>();
  const hashes = new Map<bigint, Promise<Hex>>();
  const at = { blockHash: hash };
  let asked = 0;

  async function ask(calls: readonly RpcCall[]): Promise<unknown[]> {
    asked += calls.length;
    return (await endpoint.batch(calls)).map((answer) => {
      if (!answer.ok) throw answer.error;
      return answer.result;
    });
  }

  async function readAccount(address: Address): Promise<AccountState> {
    const methods = ["eth_getBalance", "eth_getTransactionCount", "eth_getCode"];
    const answers = await ask(methods.map((method) => ({ method, params: [address, at] })));
    const [balance, nonce, code] = answers;
    const source = (i: number): Source => ({ method: methods[i]!, endpoint: endpoint.label });
    return {
      balance: toBigint(source(0), "result", balance),
      nonce: toBigint(source(1), "result", nonce),
      code: toBytes(source(2), "result", code),
    };
  }

  async function readSlot(address: Address, key: Hex): Promise<Hex> {
    const method = "eth_getStorageAt";
    const [word] = await ask([{ method, params: [address, key, at] }]);
    // Nodes shorten zeros differently: "0x", "0x0" or the full word.
    const value = word === "0x" ? 0n : toBigint({ method, endpoint: endpoint.label }, "result", word);
    return `0x${value.toString(16).padStart(64, "0")}`;
  }

  return {
    account: (address) => once(accounts, address, () => readAccount(address)),
    slot: (address, key) => once(slots, `${address}${key}`, () => readSlot(address, key)),
    blockHash: (number) =>
      once(hashes, number, async () => {
        asked += 1;
        return (await fetchBlock(endpoint, number, false)).ref.hash;
      }),
    asked: () => asked,
  };
}

/** What `make` gives for `key`, made once. What failed is forgotten, so that it can be asked again. */
function once<K, V>(known: Map<K, Promise<V>>, key: K, make: () => Promise<V>): Promise<V> {
  const found = known.get(key);
  if (found !== undefined) return found;
  const made = make();
  known.set(key, made);
  made.catch(() => known.delete(key));
  return made;
}
