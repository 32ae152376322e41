import { StateMissing, type StateSource } from "@testudo/core/model/Evm";
import { type Hex, toWord } from "@testudo/core/model/Hex";
import type { Miss } from "@testudo/evm/Miss";
import type { Engine } from "@testudo/evm/openEngine";
import type { PutOff } from "./openForkStage.ts";
import type { WordsAhead } from "./openWordsAhead.ts";

/** Where what is missing comes from. */
export interface MissingFrom {
  readonly engine: Engine;
  /** That keeps what it was asked. */
  readonly source: StateSource;
  /** What the source said that it does not have; added to. */
  readonly lacks: Set<string>;
  readonly ahead: WordsAhead;
  /** What a call may burn. */
  readonly gas: bigint;
}

/** One thing that calls miss. */
export interface Wanted {
  readonly miss: Miss;
  /** The first calls that wait for it. */
  readonly putOff: readonly PutOff[];
  /** How many calls missed it. */
  readonly count: number;
  /** The words to be fetched where a word is missing: it, and what is likely to be missed next. */
  readonly keys: readonly bigint[];
}

// Variants of one call that came as far; the next state puts most of them off again.
const mostWaiting = 16;

/** What `putOff` miss, each thing once. */
export function wantedBy({ ahead }: MissingFrom, putOff: readonly PutOff[]): Wanted[] {
  const groups = new Map<string, PutOff[]>();
  for (const one of putOff) {
    const key = keyOf(one.miss);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [one]);
    else group.push(one);
  }
  return [...groups.values()].map((group) => {
    const { miss } = group[0]!;
    const waiting = group.slice(0, mostWaiting);
    return {
      miss,
      putOff: waiting,
      count: group.length,
      keys: miss.kind === "slot" ? ahead.from(miss.address, miss.key) : [],
    };
  });
}

/** Asks the source for what is wanted, all at once; it keeps its answers, which are there when this resolves. Never rejects. */
export async function askMissing({ source, lacks }: MissingFrom, wanted: readonly Wanted[]): Promise<void> {
  await Promise.allSettled(wanted.map((one) => (lacks.has(keyOf(one.miss)) ? undefined : ask(source, one))));
}

/** Puts what is wanted into the engine. Gives what came; calls that wait for anything else go without. */
export async function putMissing(given: MissingFrom, wanted: readonly Wanted[]): Promise<readonly Wanted[]> {
  const came: Wanted[] = [];
  for (const one of wanted) if (await put(given, one)) came.push(one);
  return came;
}

function ask(source: StateSource, { miss, keys }: Wanted): Promise<unknown> {
  switch (miss.kind) {
    case "slot":
      return Promise.all([source.account(miss.address), ...keys.map((key) => source.slot(miss.address, toKey(key)))]);
    case "blockHash":
      return source.blockHash(miss.number);
    default:
      return source.account(miss.address);
  }
}

async function put({ engine, lacks, gas }: MissingFrom, { miss, putOff, keys }: Wanted): Promise<boolean> {
  if (lacks.has(keyOf(miss))) return false;
  try {
    if (miss.kind === "account") await engine.accountAsync(miss.address);
    else if (miss.kind === "slot") await putWords(engine, miss.address, keys);
    else await runOnce(engine, putOff[0]!, gas);
    return true;
  } catch (error) {
    // A node that was away may be back; what is known not to be there is not asked for again.
    if (error instanceof StateMissing) lacks.add(keyOf(miss));
    return false;
  }
}

/** The first of `keys` was asked for; the others are guesses, and may be missing. */
async function putWords(
  engine: Engine,
  address: Parameters<Engine["slotAsync"]>[0],
  [first, ...others]: readonly bigint[],
): Promise<void> {
  await engine.slotAsync(address, first!);
  try {
    for (const key of others) await engine.slotAsync(address, key);
  } catch (error) {
    if (!(error instanceof StateMissing)) throw error;
  }
}

/** Code and hashes of blocks come to a run only. */
async function runOnce(engine: Engine, { state, calls }: PutOff, gas: bigint): Promise<void> {
  const before = engine.snapshot();
  try {
    for (const { callable, from, value, input } of [...state.calls, ...calls])
      await engine.callAsync({ from, to: callable.to, value, input, gas });
  } finally {
    engine.rollback(before);
  }
}

const toKey = (key: bigint): Hex => `0x${toWord(key)}`;
const keyOf = (miss: Miss): string =>
  miss.kind === "blockHash"
    ? `hash ${miss.number}`
    : `${miss.kind} ${miss.address} ${miss.kind === "slot" ? miss.key : ""}`;
