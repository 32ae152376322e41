import type { BlockRef } from "@testudo/core/model/BlockBundle";
import type { AccountState, StateSource } from "@testudo/core/model/Evm";
import type { Address, Hex } from "@testudo/core/model/Hex";
import { fetchBlock } from "../block/fetchBundle.ts";
import type { Endpoint, RpcCall } from "../rpc/rpcEndpoint.ts";
import { type Source, toBigint, toBytes, toNonce } from "../wire/parseField.ts";

/** State behind a node, and how often it was asked. */
export interface NodeState extends StateSource {
  /** Questions that went out so far: what was not here yet (PRE-03). */
  readonly asked: () => number;
  /** What was asked for so far. */
  readonly keys: () => StateKeys;
  /** Reads all of `keys` beforehand, in few requests. What a node refuses is left to be asked for when it is needed. */
  warm(keys: StateKeys): Promise<void>;
}

/** Accounts and slots by name. */
export interface StateKeys {
  readonly accounts: readonly Address[];
  readonly slots: readonly (readonly [address: Address, key: Hex])[];
}

/**
 * The state after block `hash` as an engine's source, asked of the node when something is first needed, by hash and never
 * by number. Accounts and slots are kept, so that a second engine on the same state starts warm.
 * Its members throw what the endpoint throws, `RpcRefused` where the node has that state no more, and `RpcMalformed` for what no account has.
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
    return toAccount(await ask(accountCalls(address)));
  }

  function accountCalls(address: Address): RpcCall[] {
    return methods.map((method) => ({ method, params: [address, at] }));
  }

  function toAccount(answers: readonly unknown[]): AccountState {
    const [balance, nonce, code] = answers;
    const source = (i: number): Source => ({ method: methods[i]!, endpoint: endpoint.label });
    return {
      balance: toBigint(source(0), "result", balance),
      nonce: toNonce(source(1), "result", nonce),
      code: toBytes(source(2), "result", code),
    };
  }

  function slotCall(address: Address, key: Hex): RpcCall {
    return { method: "eth_getStorageAt", params: [address, key, at] };
  }

  function toSlot(word: unknown): Hex {
    const method = "eth_getStorageAt";
    // Nodes shorten zeros differently: "0x", "0x0" or the full word.
    const value = word === "0x" ? 0n : toBigint({ method, endpoint: endpoint.label }, "result", word);
    return `0x${value.toString(16).padStart(64, "0")}`;
  }

  async function warm(keys: StateKeys): Promise<void> {
    const calls = [...keys.accounts.flatMap(accountCalls), ...keys.slots.map(([a, key]) => slotCall(a, key))];
    if (calls.length === 0) return;
    const answers = await endpoint.batch(calls);
    const results = (from: number, count: number) =>
      answers.slice(from, from + count).flatMap((answer) => (answer.ok ? [answer.result] : []));
    keys.accounts.forEach((address, i) => {
      const three = results(i * methods.length, methods.length);
      if (three.length === methods.length && !accounts.has(address))
        accounts.set(address, Promise.resolve(toAccount(three)));
    });
    keys.slots.forEach(([address, key], i) => {
      const [word] = results(keys.accounts.length * methods.length + i, 1);
      if (word !== undefined && !slots.has(`${address}${key}`))
        slots.set(`${address}${key}`, Promise.resolve(toSlot(word)));
    });
  }

  return {
    keys: () => ({
      accounts: [...accounts.keys()],
      slots: [...slots.keys()].map((id) => [id.slice(0, 42) as Address, id.slice(42) as Hex] as const),
    }),
    warm,
    account: (address) => once(accounts, address, () => readAccount(address)),
    slot: (address, key) =>
      once(slots, `${address}${key}`, async () => toSlot((await ask([slotCall(address, key)]))[0])),
    blockHash: (number) =>
      once(hashes, number, async () => {
        asked += 1;
        return (await fetchBlock(endpoint, number, false)).ref.hash;
      }),
    asked: () => asked,
  };
}

/**
 * The state after block `number`, pinned to the hash that the block has now: what comes later, a reorg too, does not change
 * it. So a development node is taken as it stands. Throws `BlockUnknown` where the node has no such block.
 */
export async function openNodeStateAt(
  endpoint: Endpoint,
  number: bigint,
): Promise<NodeState & { readonly ref: BlockRef }> {
  const { ref } = await fetchBlock(endpoint, number, false);
  return { ...openNodeState(endpoint, ref.hash), ref };
}

const methods = ["eth_getBalance", "eth_getTransactionCount", "eth_getCode"];

/** What `make` gives for `key`, made once. What failed is forgotten, so that it can be asked again. */
function once<K, V>(known: Map<K, Promise<V>>, key: K, make: () => Promise<V>): Promise<V> {
  const found = known.get(key);
  if (found !== undefined) return found;
  const made = make();
  known.set(key, made);
  made.catch(() => known.delete(key));
  return made;
}
