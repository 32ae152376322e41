// What only the timelock may set: scheduled as operations by the slow wallet, executed when they are due. The state of an
// operation is the timelock's own, so that none is scheduled or executed twice.

import { describeRevert } from "@testudo/chain/act/readPause";
import {
  broadcast,
  estimateGas,
  findReceipt,
  nextNonce,
  prepareTransaction,
  withMargin,
} from "@testudo/chain/act/sendAction";
import { RpcRefused } from "@testudo/chain/rpc/RpcError";
import { sleep } from "@testudo/chain/rpc/sleep";
import { timelock } from "@testudo/contracts";
import type { Address, Hex } from "@testudo/core/model/Hex";
import { zeroHash } from "@testudo/core/model/Hex";
import type { Signer } from "@testudo/core/model/Signer";
import { decodeFunctionResult, encodeFunctionData, toHex } from "viem/utils";
import type { Setting } from "./DeployModule.ts";
import type { FeeLimit } from "./feeLimit.ts";
import type { Chain } from "./openChain.ts";
import { batchOf, idOf, maxCalls, saltOf } from "./operationId.ts";
import type { Operation } from "./Plan.ts";
import type { Rederived } from "./rederiveOperations.ts";

/** A transaction that somebody has to send. */
export interface Due {
  readonly what: string;
  readonly to: Address;
  readonly data: Hex;
}

/** Where the operations of a plan stand. */
export interface Standing {
  /** Of a former version of the file, and still in the timelock: to be sent by the slow wallet. */
  readonly toCancel: readonly Due[];
  /** To be sent by the slow wallet. */
  readonly toSchedule: readonly Due[];
  /** To be sent by an executor. */
  readonly toExecute: readonly Due[];
  /** Unix seconds at which the last of the waiting ones is due; undefined when none waits. */
  readonly dueAt: bigint | undefined;
  /** Vetoed, or behind one that is. */
  readonly vetoed: readonly Operation[];
  /** Not executed yet, nor vetoed. */
  readonly open: readonly Operation[];
}

/** Groups `settings` into operations of the timelock, each behind the one before. `delays` are seconds by setting. */
export function toOperations(
  settings: readonly Setting[],
  delays: readonly number[],
  fileHash: Hex,
  round: number,
): readonly Operation[] {
  const operations: Operation[] = [];
  // The longest for all: one that is due before the one that it follows could not be executed.
  const delaySeconds = Math.max(0, ...delays);
  for (let from = 0; from < settings.length; from += maxCalls) {
    const calls = settings.slice(from, from + maxCalls).map(({ what, to, data }) => ({ what, to, data }));
    const predecessor = operations.at(-1)?.id ?? zeroHash;
    const salt = saltOf(fileHash, round, from);
    const id = idOf({ calls, predecessor, salt });
    operations.push({ id, predecessor, salt, delaySeconds, fileHash, calls });
  }
  return operations;
}

/** The seconds that the timelock makes each of `settings` wait now. */
export async function delaysOf(
  chain: Chain,
  at: Address,
  settings: readonly Pick<Setting, "to" | "data">[],
): Promise<readonly number[]> {
  const least = Number(await read(chain, at, "getMinDelay", []));
  const own = await Promise.all(
    settings.map(
      ({ to, data }) => read(chain, at, "selectorDelay", [to, data.slice(0, 10)]) as Promise<readonly number[]>,
    ),
  );
  return own.map(([delay]) => Math.max(least, Number(delay)));
}

const states = ["unset", "waiting", "ready", "done"] as const;

/** Where the operations of a plan stand on chain. */
export async function standingOf(
  chain: Chain,
  at: Address,
  operations: Pick<Rederived, "own" | "former">,
): Promise<Standing> {
  const [ofNow, former] = await Promise.all([seenOf(chain, at, operations.own), seenOf(chain, at, operations.former)]);
  // What follows a vetoed operation can never run either.
  const stuck = new Set<Hex>();
  for (const { operation, isVetoed } of ofNow)
    if (isVetoed || stuck.has(operation.predecessor)) stuck.add(operation.id);
  const open = ofNow.filter(({ operation, state }) => !stuck.has(operation.id) && state !== "done");
  const inState = (wanted: string) => open.flatMap(({ operation, state }) => (state === wanted ? [operation] : []));
  const times = open.flatMap(({ state, dueAt }) => (state === "waiting" ? [dueAt] : []));
  return {
    toCancel: former.flatMap(({ operation, state, isVetoed }) =>
      !isVetoed && (state === "waiting" || state === "ready") ? [cancelOf(at, operation)] : [],
    ),
    toSchedule: inState("unset").map((operation) => scheduleOf(at, operation)),
    toExecute: inState("ready").map((operation) => executeOf(at, operation)),
    dueAt: times.reduce<bigint | undefined>(
      (last, time) => (last === undefined || time > last ? time : last),
      undefined,
    ),
    vetoed: ofNow.flatMap(({ operation }) => (stuck.has(operation.id) ? [operation] : [])),
    open: open.map(({ operation }) => operation),
  };
}

async function seenOf(chain: Chain, at: Address, operations: readonly Operation[]) {
  return Promise.all(
    operations.map(async (operation) => ({
      operation,
      isVetoed: (await read(chain, at, "isVetoed", [operation.id])) as boolean,
      state: states[Number(await read(chain, at, "getOperationState", [operation.id]))] ?? "unset",
      dueAt: (await read(chain, at, "getTimestamp", [operation.id])) as bigint,
    })),
  );
}

function scheduleOf(to: Address, operation: Operation): Due {
  const [targets, values, payloads, predecessor, salt] = batchOf(operation);
  const args = [targets, values, payloads, predecessor, salt, BigInt(operation.delaySeconds)] as const;
  return {
    what: `schedule ${wordsOf(operation)}`,
    to,
    data: encodeFunctionData({ abi: timelock.abi, functionName: "scheduleBatch", args }),
  };
}

function cancelOf(to: Address, operation: Operation): Due {
  const data = encodeFunctionData({ abi: timelock.abi, functionName: "cancel", args: [operation.id] });
  return { what: `cancel what a former file asked for: ${wordsOf(operation)}`, to, data };
}

function executeOf(to: Address, operation: Operation): Due {
  const args = batchOf(operation);
  return {
    what: `execute ${wordsOf(operation)}`,
    to,
    data: encodeFunctionData({ abi: timelock.abi, functionName: "executeBatch", args }),
  };
}

function wordsOf({ calls }: Operation): string {
  return calls.map(({ what }) => what).join("; ");
}

async function read(chain: Chain, to: Address, functionName: string, args: readonly unknown[]): Promise<unknown> {
  const abi = timelock.abi;
  const data = encodeFunctionData({ abi, functionName, args } as never);
  const answer = (await chain.endpoint.request("eth_call", [{ to, data }, "latest"])) as Hex;
  return decodeFunctionResult({ abi, functionName, data: answer } as never);
}

/** Sends `due` with the key of `signer`. Throws CallFailed or FeesTooHigh. */
export async function sendWith(chain: Chain, signer: Signer, fees: FeeLimit, due: Due): Promise<void> {
  const { endpoint, chainId } = chain;
  const nonce = await nextNonce(endpoint, signer.address);
  try {
    const { raw, hash, gas, maxFeePerGas } = await prepareTransaction({
      endpoint,
      signer,
      chainId,
      nonce,
      to: due.to,
      data: due.data,
    });
    fees.offer(nonce, gas, maxFeePerGas);
    await broadcast(endpoint, raw);
    await untilDone(chain, hash, due);
  } catch (error) {
    throw error instanceof RpcRefused ? new CallFailed(due, error) : error;
  }
}

/** Sends `due` in the name of `from`, whose key a development chain does not need. Throws CallFailed. */
export async function sendAs(chain: Chain, from: Address, due: Due): Promise<void> {
  const { endpoint } = chain;
  try {
    await endpoint.request("anvil_impersonateAccount", [from]);
    await endpoint.request("anvil_setBalance", [from, "0x8ac7230489e80000"]);
    const call = { from, to: due.to, data: due.data };
    const gas = toHex(withMargin(await estimateGas(endpoint, call)));
    const hash = (await endpoint.request("eth_sendTransaction", [{ ...call, gas }])) as Hex;
    await untilDone(chain, hash, due);
  } catch (error) {
    throw error instanceof RpcRefused ? new CallFailed(due, error) : error;
  } finally {
    await endpoint.request("anvil_stopImpersonatingAccount", [from]).catch(() => {});
  }
}

async function untilDone(chain: Chain, hash: Hex, due: Due): Promise<void> {
  for (let tries = 0; tries < 300; tries++) {
    const receipt = await findReceipt(chain.endpoint, [hash]);
    if (receipt?.succeeded === true) return;
    if (receipt !== undefined) throw new CallFailed(due, `transaction ${hash} failed`);
    await sleep(chain.isDevelopment ? 50 : 2_000);
  }
  throw new CallFailed(due, `no block has transaction ${hash} yet`);
}

/** A call of the timelock does not go through. */
export class CallFailed extends Error {
  override readonly name = "CallFailed";
  constructor({ what }: Due, cause: RpcRefused | string) {
    const why =
      typeof cause === "string"
        ? cause
        : typeof cause.data === "string"
          ? describeRevert(cause.data as Hex)
          : cause.said;
    super(
      `Could not ${what}: ${why}\n` +
        "- The timelock keeps what is scheduled; nothing is done twice.\n" +
        "- Correct what it complains of and run this again.",
      typeof cause === "string" ? {} : { cause },
    );
  }
}
