// Sends what guardians agreed to, exactly once. The order is the whole point: lease a nonce and store the signed bytes,
// then broadcast; after a crash or a reorg the same bytes go out again. A second pause cannot come of it, because there
// is one nonce for an action here, and one nonce for an action in the council's bitmap.

import { encodePauseBySig } from "@testudo/chain/encodePause";
import type { Endpoint } from "@testudo/chain/rpcEndpoint";
import {
  type BroadcastResult,
  broadcast,
  bumpFees,
  type Fees,
  type FoundReceipt,
  findReceipt,
  nextNonce,
  prepareTransaction,
  suggestFees,
} from "@testudo/chain/sendAction";
import { type Action, toPauseMessage } from "@testudo/core/model/Action";
import type { ActionState } from "@testudo/core/model/ActionStatus";
import type { BlockRef } from "@testudo/core/model/BlockBundle";
import type { Hex } from "@testudo/core/model/Hex";
import type { Input } from "@testudo/core/model/Input";
import type { Command } from "@testudo/core/model/Output";
import type { Signer } from "@testudo/core/model/Signer";
import { parseTransaction } from "viem";
import type { SwitchState } from "../operator/switch.ts";
import {
  leaseNonce,
  listOpenTransactions,
  listTransactions,
  markTransaction,
  storeReplacement,
} from "../store/leaseNonce.ts";
import type { Store } from "../store/Store.ts";

/** What sending needs. */
export interface SendOptions {
  readonly store: Store;
  /** Nodes to send by; the next one is asked where one is away. */
  readonly endpoints: readonly Endpoint[];
  readonly signer: Signer;
  readonly chainId: number;
  /** Read right before each broadcast; what cannot be read counts as killed (RESP-07). */
  readonly readSwitch: () => SwitchState;
  /** The last block that was judged. */
  readonly head: () => BlockRef | undefined;
  readonly tell: (input: Input) => void;
  /** Fires when the action is in force or has ended, and when the watch ends. */
  readonly signal: AbortSignal;
  /** How long to wait between looks, in milliseconds. Default 1 s. */
  readonly lookEveryMs?: number;
}

// A transaction that is not in a block after this long gets a higher fee (RESP-09).
const bumpAfterMs = 12_000;
const leastTipWei = 10_000_000_000n;
// Between the broadcast and the look for a receipt a reorg may take the block away; a stranger's nonce stays used.
const strangerLooks = 5;

export type SendCommand = Extract<Command, { kind: "send" }>;

type Tell = (state: ActionState, note: string, more?: { txHash?: Hex; blockNumber?: bigint }) => void;

/**
 * Keeps `command`'s transaction on its way until `signal` fires: a receipt is no end, its block may still be orphaned. Ends
 * by itself where nothing can come of it any more, and says so. Safe to call again; throws what is no node's fault.
 */
export async function sendAction(options: SendOptions, command: SendCommand): Promise<void> {
  const { signal, tell } = options;
  let last: ActionState | undefined;
  const say: Tell = (state, note, more = {}) => {
    if (state !== last && !signal.aborted) tell({ kind: "effect", action: command.action.id, state, note, ...more });
    last = state;
  };
  const course = { bumpedAtMs: Date.now(), strangers: 0 };
  while (!signal.aborted) {
    try {
      if ((await look(options, command, say, course)) === "ended") return;
    } catch (error) {
      if (!isNodes(error)) throw error;
      // Bytes that a node refuses have no effect, and what it refuses now (no money for gas, too many questions) it may
      // take later. The deadline is the end.
      if (error.name === "RpcRefused") say("dropped", `a node refuses it, it is tried on: ${error.message}`);
    }
    await pause(options.lookEveryMs ?? 1_000, signal);
  }
}

interface Course {
  bumpedAtMs: number;
  strangers: number;
}

async function look(options: SendOptions, command: SendCommand, say: Tell, course: Course): Promise<"open" | "ended"> {
  const { action } = command;
  const receipt = await receiptOf(options, action);
  const head = options.head();
  if (receipt?.succeeded === true) return "open";
  if (receipt !== undefined) {
    // Anyone may have sent these signatures before us. Whether the pause stands shows once the block is judged.
    if (head === undefined || head.number < receipt.blockNumber) return "open";
    say("failed", "the council refused it; see the transaction's revert reason", { txHash: receipt.hash });
    return "ended";
  }
  if (head !== undefined && head.timestamp > action.deadline) {
    say("failed", "its deadline passed before a block took it");
    return "ended";
  }
  if (options.readSwitch().mode !== "armed") return stopSending(options, action, say);
  const { hash, raw, nonce, chainNonce } = await lease(options, command);
  // Leasing asks nodes, which may take its time; the switch counts as it stands now.
  if (options.readSwitch().mode !== "armed") return stopSending(options, action, say);
  await fillHole(options, chainNonce, nonce);
  const result = await broadcastTo(options, raw);
  if (result === "nonce-too-low") {
    course.strangers += 1;
    if (course.strangers < strangerLooks) return "open";
    say("failed", "its nonce was used by a transaction that is not ours");
    return "ended";
  }
  course.strangers = 0;
  await markTransaction(options.store, hash, "sent");
  say("broadcast", result === "sent" ? "the pause is on its way" : "the node has it already", { txHash: hash });
  if (Date.now() - course.bumpedAtMs > bumpAfterMs) {
    await replace(options, action, raw);
    course.bumpedAtMs = Date.now();
  }
  return "open";
}

// What no node has seen ends here. What is out may take effect whatever we do: then we only look on.
async function stopSending(options: SendOptions, action: Action, say: Tell): Promise<"open" | "ended"> {
  const stored = await listTransactions(options.store, action.id);
  if (stored.some((tx) => tx.state !== "stored")) return "open";
  say("killed", "the switch is not on armed; nothing was sent");
  return "ended";
}

interface Leased {
  readonly hash: Hex;
  readonly raw: Hex;
  readonly nonce: number;
  readonly chainNonce: number;
}

async function lease(options: SendOptions, command: SendCommand): Promise<Leased> {
  const { store, signer, chainId, tell } = options;
  const { action, approvals } = command;
  const chainNonce = await anyOf(options, (endpoint) => nextNonce(endpoint, signer.address));
  const [known] = (await listTransactions(store, action.id)).slice(-1);
  if (known !== undefined) return { ...known, chainNonce };
  const fees = urgent(await anyOf(options, suggestFees));
  const data = encodePauseBySig(toPauseMessage(action), approvals);
  const request = { chainId, sender: signer.address, chainNonce, action: action.id };
  const stored = await leaseNonce(store, request, (nonce) =>
    prepareTransaction({
      endpoint: options.endpoints[0]!,
      signer,
      chainId,
      to: action.council,
      data,
      nonce,
      fees,
      gas: gasOf(action),
    }),
  );
  if (stored.fresh)
    tell({
      kind: "effect",
      action: action.id,
      state: "signed",
      note: "nonce and bytes are stored",
      txHash: stored.hash,
    });
  return { ...stored, chainNonce };
}

// A pause that comes after the next step of the attack in the same block is late; gas is cheap beside that.
function urgent({ maxFeePerGas, maxPriorityFeePerGas }: Fees): Fees {
  const tip = maxPriorityFeePerGas * 4n > leastTipWei ? maxPriorityFeePerGas * 4n : leastTipWei;
  return { maxFeePerGas: maxFeePerGas + tip, maxPriorityFeePerGas: tip };
}

// Measured: about 75,000 for three signatures and one selector, 30,000 for each further selector.
function gasOf(action: Action): bigint {
  return 300_000n + 60_000n * BigInt(action.selectors.length);
}

// A transaction waits for those of its sender before it. Nodes forget what waits, in a reorg too; then we remind them.
async function fillHole(options: SendOptions, from: number, to: number): Promise<void> {
  if (from >= to) return;
  const open = await listOpenTransactions(options.store, options.chainId);
  const before = open.filter((tx) => tx.sender === options.signer.address && tx.nonce >= from && tx.nonce < to);
  for (const { raw } of before)
    await broadcastTo(options, raw).catch((error: unknown) => {
      if (!isNodes(error)) throw error;
    });
}

/** Gives `raw` to every node that takes it: one that is cut off from the others may take it and keep it to itself. */
async function broadcastTo({ endpoints }: SendOptions, raw: Hex): Promise<BroadcastResult> {
  const results = await Promise.allSettled(endpoints.map((endpoint) => broadcast(endpoint, raw)));
  const taken = results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
  if (taken.length === 0) throw (results[0] as PromiseRejectedResult).reason;
  return taken.find((result) => result === "sent") ?? taken.find((result) => result === "already-known") ?? taken[0]!;
}

async function receiptOf(options: SendOptions, action: Action): Promise<FoundReceipt | undefined> {
  const stored = await listTransactions(options.store, action.id);
  if (stored.length === 0) return undefined;
  const hashes = stored.map((tx) => tx.hash);
  const receipt = await anyOf(options, (endpoint) => findReceipt(endpoint, hashes));
  const state = receipt === undefined ? undefined : receipt.succeeded ? "included" : "failed";
  const before = stored.find((tx) => tx.hash === receipt?.hash)?.state;
  if (receipt !== undefined && state !== undefined && state !== before)
    await markTransaction(options.store, receipt.hash, state);
  return receipt;
}

async function replace(options: SendOptions, action: Action, raw: Hex): Promise<void> {
  const { signer, chainId, store } = options;
  const {
    nonce = 0,
    to,
    data = "0x",
    gas = gasOf(action),
    maxFeePerGas = 0n,
    maxPriorityFeePerGas = 0n,
  } = parseTransaction(raw);
  const fees = bumpFees({ maxFeePerGas, maxPriorityFeePerGas });
  const bumped = await prepareTransaction({
    endpoint: options.endpoints[0]!,
    signer,
    chainId,
    to: to!,
    data,
    nonce,
    gas,
    fees,
  });
  await storeReplacement(store, action.id, bumped);
  if (options.readSwitch().mode === "armed") await broadcastTo(options, bumped.raw);
}

/** The answer of the first node that gives one. */
async function anyOf<T>({ endpoints }: SendOptions, ask: (endpoint: Endpoint) => Promise<T>): Promise<T> {
  let failure: unknown;
  for (const endpoint of endpoints)
    try {
      return await ask(endpoint);
    } catch (error) {
      if (!isNodes(error)) throw error;
      failure ??= error;
    }
  throw failure;
}

function isNodes(error: unknown): error is Error {
  return error instanceof Error && ["RpcUnreachable", "RpcMalformed", "RpcRefused"].includes(error.name);
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done, { once: true });
    if (signal.aborted) done();
  });
}
