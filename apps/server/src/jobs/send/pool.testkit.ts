// Nodes with pools, as far as sending asks for them, and one action that is sent to them.
import { RpcMalformed, RpcRefused, RpcTimedOut } from "@testudo/chain/rpc/RpcError";
import type { Endpoint, RpcAnswer, RpcCall } from "@testudo/chain/rpc/rpcEndpoint";
import type { PauseAction, RuleAction } from "@testudo/core/model/Action";
import type { ActionState } from "@testudo/core/model/ActionStatus";
import type { BlockRef } from "@testudo/core/model/BlockBundle";
import type { Hex } from "@testudo/core/model/Hex";
import type { Input } from "@testudo/core/model/Input";
import { hashOf } from "@testudo/core/model/Record";
import { keccak256, parseTransaction, toHex } from "viem/utils";
import { localSigner } from "../../keystore/localSigner.ts";
import type { Store } from "../../store/Store.ts";
import type { SendCommand } from "./leaseBytes.ts";
import type { SendOptions } from "./send.ts";

export const chainId = 31_337;
export const signer = localSigner(keccak256(toHex("who sends to pools")));
const gwei = 1_000_000_000n;

/** What a node knows, and how it lies. */
export interface PoolNode {
  readonly endpoint: Endpoint;
  /** What its pool took, newest last. */
  readonly taken: Hex[];
  /** The bytes that its pool has for `nonce`. */
  pooled(nonce: number): Hex | undefined;
  /** What they offer, in wei per gas. */
  priceAt(nonce: number): bigint;
  /** Empties its pool. */
  forget(): void;
  /** The sender's transactions in the chain. */
  mined: number;
  balance: bigint;
  baseFee: bigint;
  tip: bigint;
  /** What it says that a call takes, in gas. */
  estimate: bigint;
  /** What it answers in the place of the truth; undefined: the truth. */
  lie: (call: RpcCall) => unknown;
}

/** A promise that a lie gives where the node hangs: it is told as late. */
export class Late {}

/** A node of a sender that has `balance` wei, with a pool as geth has it. */
export function openPoolNode(label: string, balance = 10n ** 18n): PoolNode {
  const pool = new Map<number, { readonly hash: Hex; readonly maxFee: bigint; readonly tip: bigint }>();
  const taken: Hex[] = [];
  const refuse = (method: string, said: string) => new RpcRefused(label, method, -32_000, said);
  const take = (raw: Hex): Hex => {
    const { nonce = 0, gas = 0n, maxFeePerGas = 0n, maxPriorityFeePerGas = 0n } = parseTransaction(raw);
    const hash = keccak256(raw);
    const method = "eth_sendRawTransaction";
    if (nonce < node.mined) throw refuse(method, "nonce too low");
    const before = pool.get(nonce);
    if (before?.hash === hash) throw refuse(method, "already known");
    if (gas < node.estimate) throw refuse(method, "intrinsic gas too low");
    if (gas * maxFeePerGas > node.balance) throw refuse(method, "insufficient funds for gas * price + value");
    if (before && maxFeePerGas * 10n < before.maxFee * 11n) throw refuse(method, "replacement transaction underpriced");
    pool.set(nonce, { hash, maxFee: maxFeePerGas, tip: maxPriorityFeePerGas });
    taken.push(hash);
    return hash;
  };
  const waiting = (): number => {
    let next = node.mined;
    while (pool.has(next)) next += 1;
    return next;
  };
  const answerTo = ({ method, params }: RpcCall): unknown => {
    if (method === "eth_getTransactionCount") return toHex(params[1] === "pending" ? waiting() : node.mined);
    if (method === "eth_getBalance") return toHex(node.balance);
    if (method === "eth_maxPriorityFeePerGas") return toHex(node.tip);
    if (method === "eth_getTransactionReceipt") return null;
    if (method === "eth_estimateGas") return toHex(node.estimate);
    if (method === "eth_blockNumber") return "0x1";
    if (method === "eth_getBlockByNumber") return { baseFeePerGas: toHex(node.baseFee) };
    if (method === "eth_sendRawTransaction") return take(params[0] as Hex);
    throw new RpcMalformed(method, "method", method, "one that sending asks for", label);
  };
  const ask = async (call: RpcCall): Promise<unknown> => {
    const lied = await node.lie(call);
    if (lied instanceof Late) throw new RpcTimedOut(label, 10_000);
    if (lied instanceof Error) throw lied;
    return lied ?? answerTo(call);
  };
  const node: PoolNode = {
    pooled: (nonce) => pool.get(nonce)?.hash,
    priceAt: (nonce) => pool.get(nonce)?.maxFee ?? 0n,
    forget: () => pool.clear(),
    ...{ taken, mined: 0, balance, baseFee: 20n * gwei, tip: gwei, estimate: 75_000n, lie: () => undefined },
    endpoint: {
      ...{ label, url: "http://127.0.0.1:1", timeoutMs: 10_000, close() {} },
      request: (method, params = []) => ask({ method, params }),
      batch: (calls) =>
        Promise.all(
          calls.map((call) =>
            ask(call).then(
              (result): RpcAnswer => ({ ok: true, result }),
              (error: unknown): RpcAnswer => {
                if (error instanceof RpcRefused) return { ok: false, error };
                throw error;
              },
            ),
          ),
        ),
    },
  };
  return node;
}

/** What refuses bytes in words of its own. */
export const refused = (said: string) => new RpcRefused("pool", "eth_sendRawTransaction", -32_000, said);

/** An order to send a pause of the name `name`. */
export function orderOf(name: string, deadline = 10_000n): SendCommand {
  const action: PauseAction = {
    ...{ kind: "Action", type: "pause", id: hashOf(name), from: [], chainId, quorum: 0, playbook: "test" },
    ...{ council: `0x${"c0".repeat(20)}`, target: `0x${"7a".repeat(20)}`, selectors: ["0x12345678"] },
    ...{ until: 20_000n, deadline, reason: hashOf("reason"), evidence: hashOf("evidence") },
    ...{ incident: hashOf("incident"), anomaly: hashOf("anomaly"), damage: hashOf("damage") },
  };
  return { kind: "send", action, approvals: [] };
}

/** An order to send a guard rule of the name `name`, which nobody signs. */
export function ruleOrderOf(name: string): SendCommand {
  const { action: pause } = orderOf(name);
  const [selector] = pause.selectors as readonly [Hex];
  const action: RuleAction = {
    ...pause,
    ...{ type: "guardRule", quorum: 0, breaker: `0x${"b0".repeat(20)}`, program: signer.address },
    rule: { target: pause.target, selector, kind: "ARG_MAX", argIndex: 0, bound: 1_000n },
  };
  return { kind: "send", action, approvals: [] };
}

/** Options to send from `store` to `nodes`, and what is told of it. */
export function sendingTo(store: Store, nodes: readonly PoolNode[]) {
  const stop = new AbortController();
  const told: { readonly state: ActionState; readonly note: string }[] = [];
  const place = { mode: "armed" as "armed" | "killed", timestamp: 100n };
  const head = (): BlockRef => ({
    number: 1n,
    hash: hashOf("head"),
    parentHash: hashOf("parent"),
    timestamp: place.timestamp,
  });
  const options: SendOptions = {
    ...{ store, signer, chainId, head, signal: stop.signal, lookEveryMs: 20 },
    endpoints: nodes.map(({ endpoint }) => endpoint),
    readSwitch: () => ({ mode: place.mode, actor: "test", reason: "test", at: "" }),
    tell: (input: Input) => {
      if (input.kind === "effect") told.push(input);
    },
  };
  const rows = () =>
    store.db.selectFrom("transactions").select(["action", "state", "nonce", "raw"]).orderBy("id").execute();
  return { options, told, place, stop, rows, states: () => told.map(({ state }) => state) };
}
