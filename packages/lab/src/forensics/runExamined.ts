// Transactions on a recorded state, run one after the other and made ready to be explained.
import { keccak_256 } from "@noble/hashes/sha3.js";
import { utf8ToBytes } from "@noble/hashes/utils.js";
import { createdIn } from "@testudo/core/model/CallTree";
import type { Evm, EvmBlock, EvmTransaction, StateSource } from "@testudo/core/model/Evm";
import type { Address, Hex } from "@testudo/core/model/Hex";
import { atBlock, fromTx, isNodeRead, type StateAnswer, type StateRead } from "@testudo/core/model/StateRead";
import { openEvm } from "../engine/openEvm.ts";
import { toHex } from "../record/bytes.ts";
import { hardforkOf, isOurFork } from "../record/hardforkOf.ts";
import { mostGasIn } from "../record/mostGasIn.ts";
import { stateDiffResult } from "../tracer/prestateResult.ts";
import { traceStateOnTestudo } from "../tracer/traceOnTestudo.ts";
import { type StateView, type TracedTransaction, traceTransaction } from "../tracer/traceTransaction.ts";
import type { Examined } from "./Examined.ts";

/** A transaction to run: its hash, where it has one, and its block, where that is known. */
export interface ToRun {
  readonly tx: EvmTransaction;
  readonly hash?: Hex;
  readonly block?: EvmBlock;
  /** Nobody said how much gas it has: it gets what the rules allow, `tx.gas` at most. */
  readonly isGasLeftOut?: boolean;
}

export interface RunInputs {
  readonly source: StateSource;
  /** The block of the first; each next one is in the block after, unless it names its own. */
  readonly block: EvmBlock;
  readonly transactions: readonly ToRun[];
  /** Transactions of others in the same block that stood before it, of which nothing is known. */
  readonly limits?: readonly string[];
}

/**
 * Runs `transactions` and returns the last, ready to be explained; those before it count as what its sender made ready.
 * Rejects with what the engine says where one is not let in.
 */
export async function runExamined({ source, block, transactions, limits = [] }: RunInputs): Promise<Examined> {
  let before = source;
  const earlier: { hash: Hex; created: readonly Address[] }[] = [];
  for (const [i, one] of transactions.entries()) {
    const here = one.block ?? { ...block, number: block.number + BigInt(i), timestamp: block.timestamp + BigInt(i) };
    const nonce = one.tx.nonce ?? (await before.account(one.tx.from))?.nonce ?? 0n;
    const traced = await traceFast(before, here, { ...one.tx, gas: gasOf(one, here), nonce });
    const after = sourceOf(traced.after, before);
    const hash = one.hash ?? madeUpHash(one.tx, nonce, here.number);
    if (i < transactions.length - 1) {
      earlier.push({ hash, created: createdIn(traced.root) });
      before = after;
      continue;
    }
    const { from, to, value, input } = one.tx;
    return {
      chainId: block.chainId,
      tx: { hash, index: 0, from, to, value, input, nonce: Number(nonce) },
      block: { number: here.number, timestamp: here.timestamp },
      succeeded: traced.root.error === undefined,
      gasUsed: traced.root.gasUsed,
      trace: traced.root,
      diff: await stateDiffResult(traced, {}),
      hashed: traced.touched.hashed,
      before: earlier,
      answer: answersFrom(before, after, here),
      limits,
    };
  }
  throw new TypeError("There is no transaction to run.");
}

function gasOf({ tx: { gas }, isGasLeftOut }: ToRun, block: EvmBlock): bigint {
  const most = isGasLeftOut === true ? mostGasIn(block) : undefined;
  return most !== undefined && most < gas ? most : gas;
}

/** Our own engine where it knows the rules: a large transaction takes it a tenth of the time. */
function traceFast(source: StateSource, block: EvmBlock, tx: EvmTransaction): Promise<TracedTransaction> {
  const fork = hardforkOf(block);
  return isOurFork(fork) ? traceStateOnTestudo(source, block, tx, fork) : traceTransaction(source, block, tx);
}

function sourceOf(view: StateView, before: StateSource): StateSource {
  return {
    account: (address) => view.account(address),
    slot: (address, key) => view.slot(address, key),
    blockHash: (number) => before.blockHash(number),
  };
}

/** Answers reads on the states before and after; an engine is opened when it is first asked. */
function answersFrom(before: StateSource, after: StateSource, block: EvmBlock): NonNullable<Examined["answer"]> {
  const engines = new Map<string, Promise<Evm>>();
  const engineAt = (at: "parent" | "block") => {
    const known = engines.get(at) ?? openEvm(at === "parent" ? before : after, block);
    engines.set(at, known);
    return known;
  };
  return async (reads) => {
    const answers: StateAnswer[] = [];
    for (const read of reads) answers.push(await answerOne(read, engineAt));
    return answers;
  };
}

async function answerOne(read: StateRead, engineAt: (at: "parent" | "block") => Promise<Evm>): Promise<StateAnswer> {
  const at = atBlock(read.at);
  if (!isNodeRead(read) || typeof at !== "string")
    return { ok: false, error: `unsupported: a recorded state answers no "${read.kind}" elsewhere.` };
  const { at: where, ...asked } = read;
  return fromTx(where, await (await engineAt(at)).read(asked));
}

/** A name for what was never signed; the same each time. */
function madeUpHash({ from, to, input }: EvmTransaction, nonce: bigint, number: bigint): Hex {
  return toHex(keccak_256(utf8ToBytes(`${from} ${to} ${nonce} ${number} ${input}`)));
}
