import { StateMissing, type StateSource } from "@testudo/core/model/Evm";
import { type Hex, toWord } from "@testudo/core/model/Hex";
import type { Miss } from "@testudo/evm/Miss";
import type { Engine } from "@testudo/evm/openEngine";
import { gasOfCall } from "../adversary/Stage.ts";
import type { PutOff } from "./openForkStage.ts";

/** Where what is missing comes from. */
export interface MissingFrom {
  readonly engine: Engine;
  /** That keeps what it was asked. */
  readonly source: StateSource;
  /** What the source said that it does not have; added to. */
  readonly lacks: Set<string>;
}

/** Asks the source for what `putOff` miss, all at once; it keeps its answers, which are there when this resolves. Never rejects. */
export async function askMissing({ source, lacks }: MissingFrom, putOff: readonly PutOff[]): Promise<void> {
  const misses = new Map(putOff.map(({ miss }) => [keyOf(miss), miss]));
  await Promise.allSettled([...misses].map(([key, miss]) => (lacks.has(key) ? undefined : ask(source, miss))));
}

/** Puts what `putOff` miss into the engine. Gives those for which something came; the others go without. */
export async function putMissing(given: MissingFrom, putOff: readonly PutOff[]): Promise<readonly PutOff[]> {
  const misses = new Map(putOff.map(({ miss }) => [keyOf(miss), miss]));
  const came = new Set<string>();
  for (const [key, miss] of misses) if (await put(given, miss, putOff)) came.add(key);
  return putOff.filter(({ miss }) => came.has(keyOf(miss)));
}

function ask(source: StateSource, miss: Miss): Promise<unknown> {
  switch (miss.kind) {
    case "slot":
      return Promise.all([source.account(miss.address), source.slot(miss.address, toKey(miss.key))]);
    case "blockHash":
      return source.blockHash(miss.number);
    default:
      return source.account(miss.address);
  }
}

async function put({ engine, lacks }: MissingFrom, miss: Miss, putOff: readonly PutOff[]): Promise<boolean> {
  if (lacks.has(keyOf(miss))) return false;
  try {
    if (miss.kind === "account") await engine.accountAsync(miss.address);
    else if (miss.kind === "slot") await engine.slotAsync(miss.address, miss.key);
    else await runOnce(engine, putOff.find((one) => one.miss === miss)!);
    return true;
  } catch (error) {
    // A node that was away may be back; what is known not to be there is not asked for again.
    if (error instanceof StateMissing) lacks.add(keyOf(miss));
    return false;
  }
}

/** Code and hashes of blocks come to a run only. */
async function runOnce(engine: Engine, { state, calls }: PutOff): Promise<void> {
  const before = engine.snapshot();
  try {
    for (const { callable, from, value, input } of [...state.calls, ...calls])
      await engine.callAsync({ from, to: callable.to, value, input, gas: gasOfCall });
  } finally {
    engine.rollback(before);
  }
}

const toKey = (key: bigint): Hex => `0x${toWord(key)}`;
const keyOf = (miss: Miss): string =>
  miss.kind === "blockHash"
    ? `hash ${miss.number}`
    : `${miss.kind} ${miss.address} ${miss.kind === "slot" ? miss.key : ""}`;
