// Sends what guardians agreed to, exactly once. The order is the whole point: lease a nonce and store the signed bytes,
// then broadcast; after a crash or a reorg the same bytes go out again. A second pause cannot come of it, because there
// is one nonce for an action here, and one nonce for an action in the council's bitmap.
import type { Endpoint } from "@testudo/chain/rpcEndpoint";
import { encodePauseBySig } from "@testudo/chain/encodePause";
import { broadcast, bumpFees, type Fees, findReceipt, nextNonce, prepareTransaction, suggestFees } from "@testudo/chain/sendAction";
import { type Action, toPauseMessage } from "@testudo/core/model/Action";
import type { ActionState } from "@testudo/core/model/ActionStatus";
import type { Hex } from "@testudo/core/model/Hex";
import type { Input } from "@testudo/core/model/Input";
import type { Command } from "@testudo/core/model/Output";
import type { Signer } from "@testudo/core/model/Signer";
import type { SwitchState } from "../operator/switch.ts";
import { leaseNonce, listTransactions, markTransaction, storeReplacement } from "../store/leaseNonce.ts";
import type { Store } from "../store/Store.ts";
import { parseTransaction } from "viem";

/** What sending needs. */
export interface SendOptions {
  readonly store: Store;
  readonly endpoint: Endpoint;
  readonly signer: Signer;
  readonly chainId: number;
  /** Read right before each broadcast; what cannot be read counts as killed (RESP-07). */
  readonly readSwitch: () => SwitchState;
  readonly tell: (input: Input) => void;
  readonly signal: AbortSignal;
}

const retryMs = 1_000;
// A transaction that is not in a block after this long gets a higher fee (RESP-09).
const bumpAfterMs = 12_000;
const leastTipWei = 10_000_000_000n;

type SendCommand = Extract<Command, { kind: "send" }>;

/** Carries out `command` until its transaction is in a block, refused, or the signal fires. Safe to call again. */
export async function sendAction(options: SendOptions, command: SendCommand): Promise<void> {
  const { action } = command;
  const tell = (state: ActionState, note: string, more: { txHash?: Hex; blockNumber?: bigint } = {}) =>
    options.tell({ kind: "effect", action: action.id, state, note, ...more });
  let lastBump = Date.now();
  let told = false;
  while (!options.signal.aborted) {
    if (options.readSwitch().mode !== "armed") return tell("killed", "the switch is not on armed; nothing was sent");
    try {
      const { hash, raw } = await lease(options, command);
      const result = await broadcast(options.endpoint, raw);
      if (result !== "nonce-too-low") await markTransaction(options.store, hash, "sent");
      if (!told && result !== "nonce-too-low") {
        tell("broadcast", result === "sent" ? "the pause is on its way" : "the node has it already", { txHash: hash });
        told = true;
      }
      const end = await outcomeOf(options, action);
      if (end === "included") return;
      if (end !== "open") return tell("failed", end.failed, end);
      if (result === "nonce-too-low") return tell("dropped", "its nonce was used by a transaction that is not ours");
      if (Date.now() - lastBump > bumpAfterMs) {
        await replace(options, action, raw);
        lastBump = Date.now();
      }
    } catch (error) {
      if (!isPassing(error)) throw error;
    }
    await pause(retryMs, options.signal);
  }
}

async function lease(options: SendOptions, command: SendCommand): Promise<{ hash: Hex; raw: Hex }> {
  const { store, endpoint, signer, chainId, tell } = options;
  const { action, approvals } = command;
  const chainNonce = await nextNonce(endpoint, signer.address);
  const fees = urgent(await suggestFees(endpoint));
  const data = encodePauseBySig(toPauseMessage(action), approvals);
  const request = { chainId, sender: signer.address, chainNonce, action: action.id };
  const stored = await leaseNonce(store, request, (nonce) =>
    prepareTransaction({ endpoint, signer, chainId, to: action.council, data, nonce, fees, gas: gasOf(action) }),
  );
  if (stored.fresh) tell({ kind: "effect", action: action.id, state: "signed", note: "nonce and bytes are stored", txHash: stored.hash });
  return stored;
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

async function outcomeOf(options: SendOptions, action: Action): Promise<"included" | "open" | { failed: string; txHash: Hex }> {
  const stored = await listTransactions(options.store, action.id);
  const receipt = await findReceipt(options.endpoint, stored.map((tx) => tx.hash));
  if (receipt === undefined) return "open";
  await markTransaction(options.store, receipt.hash, "included");
  return receipt.succeeded ? "included" : { failed: "the council refused it; see the transaction's revert reason", txHash: receipt.hash };
}

async function replace(options: SendOptions, action: Action, raw: Hex): Promise<void> {
  const { endpoint, signer, chainId, store } = options;
  const { nonce = 0, to, data = "0x", gas = gasOf(action), maxFeePerGas = 0n, maxPriorityFeePerGas = 0n } = parseTransaction(raw);
  const fees = bumpFees({ maxFeePerGas, maxPriorityFeePerGas });
  const bumped = await prepareTransaction({ endpoint, signer, chainId, to: to!, data, nonce, gas, fees });
  await storeReplacement(store, action.id, bumped);
  await broadcast(endpoint, bumped.raw);
}

function isPassing(error: unknown): boolean {
  return error instanceof Error && (error.name === "RpcUnreachable" || error.name === "RpcMalformed");
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
  });
}
