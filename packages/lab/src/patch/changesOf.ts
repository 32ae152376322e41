import type { StateSource } from "@testudo/core/model/Evm";
import type { Address, Hex } from "@testudo/core/model/Hex";
import { watchState } from "../capsule/watchedState.ts";
import type { Baseline } from "./playBaseline.ts";
import { coinbasesOf } from "./playTransactions.ts";
import { keyOf, type StateReading, startingWord } from "./readState.ts";
import { markSlots } from "./ruleSlots.ts";
import type { TxRun } from "./TxRun.ts";

/** A way in which a patch changes what it should not. `tx` counts from 0; null for the state at the end. */
export interface Change {
  readonly tx: number | null;
  readonly what: string;
  readonly expected: string;
  readonly got: string;
}

export interface Patched {
  /** The benign transactions where nobody attacks, and those with the attack. */
  readonly peaceful: readonly TxRun[];
  readonly attacked: readonly TxRun[];
  readonly state: StateReading;
  /** What the patch was asked or wrote before anything ran. */
  readonly inForce: StateReading;
  /** The state that the patch is put in force on. */
  readonly overridden: StateSource;
  readonly callers: ReadonlySet<Address>;
  /** Who stands behind a gate, or was attacked: rules leave their marks there. */
  readonly guarded: readonly Address[];
  /** Of the keys that a payload wrote, those that benign transactions write, too. */
  readonly shared: ReadonlySet<string>;
  /** Who sent the payload: he pays for it. */
  readonly payers: readonly Address[];
}

const listMax = 100;

/** What of the benign transactions comes out otherwise with the patch: status, output, logs, or what they leave. */
export async function changesOf(baseline: Baseline, patched: Patched): Promise<readonly Change[]> {
  const inPeace = patched.peaceful.flatMap((run, i) => changesOfRun(baseline.peaceful[i]!, run));
  const named = new Set(inPeace.map(({ tx }) => tx));
  const changes = [
    ...inPeace,
    ...brokenByAttack(baseline, patched.attacked).filter(({ tx }) => !named.has(tx)),
    ...(await changesOfState(baseline, patched)),
  ];
  return changes.slice(0, listMax);
}

/** Whether `got` is what came of a benign transaction in peace. */
export function isAsInPeace({ peaceful }: Baseline, got: TxRun): boolean {
  const expected = peaceful.find(({ index }) => index === got.index)!;
  return changesOfRun(expected, got).length === 0;
}

/** Whether `got`, of a benign transaction beside the attack, ends as it did there, or as in peace. */
export function isAsBeside({ attacked, peaceful }: Baseline, { index, status }: TxRun): boolean {
  return [attacked, peaceful].some((runs) => runs.find((run) => run.index === index)!.status === status);
}

function changesOfRun(expected: TxRun, got: TxRun): Change[] {
  for (const what of ["status", "output", "logs"] as const)
    if (expected[what] !== got[what]) return [{ tx: got.index, what, expected: expected[what], got: got[what] }];
  return [];
}

/** Benign transactions in the attacked world that end neither as they did there nor as they do in peace. */
function brokenByAttack(baseline: Baseline, runs: readonly TxRun[]): Change[] {
  return runs
    .filter((run) => run.role === "benign" && !isAsBeside(baseline, run))
    .map(({ index, status }) => {
      const expected = baseline.attacked.find((run) => run.index === index)!.status;
      return { tx: index, what: "status beside the attack", expected, got: status };
    });
}

/**
 * What comes out of benign transactions beside the attack otherwise than it did there and than in peace, though it ends the same way.
 * It is told and not held against a patch: an attack that is stopped halfway leaves other prices than either.
 */
export function besideOf(baseline: Baseline, attacked: readonly TxRun[]): readonly Change[] {
  return attacked
    .filter((run) => run.role === "benign" && isAsBeside(baseline, run))
    .flatMap((got) => {
      const beside = changesOfRun(baseline.attacked[got.index]!, got);
      return isAsInPeace(baseline, got)
        ? []
        : beside.map((change) => ({ ...change, what: `${change.what} beside the attack` }));
    })
    .slice(0, listMax);
}

async function changesOfState(baseline: Baseline, patched: Patched): Promise<Change[]> {
  const { source } = watchState(baseline.capsule);
  const isOurs = await ourKeys(baseline, patched);
  const changes: Change[] = [];
  // What a refusal kept from being touched was not asked for with the patch, and is as it was.
  for (const key of new Set([...patched.state.keys(), ...baseline.state.keys()])) {
    if (isOurs(key)) continue;
    const got = patched.state.get(key) ?? (await startingWord(patched.overridden, key));
    const begin = await startingWord(source, key);
    const expected = baseline.state.get(key) ?? begin;
    const paid = paidByPayload(baseline, patched, key, begin);
    if (withFees(baseline, baseline.peaceful, key, expected) === withFees(baseline, patched.peaceful, key, got) + paid)
      continue;
    changes.push({ tx: null, what: key.includes(" ") ? `slot ${key}` : `balance of ${key}`, expected, got });
  }
  return changes;
}

/** What a patch has written before anything else ran. */
export async function keysWritten({ capsule }: Baseline, inForce: StateReading): Promise<readonly string[]> {
  const { source } = watchState(capsule);
  const written: string[] = [];
  for (const [key, word] of inForce) if (word !== (await startingWord(source, key))) written.push(key);
  return written;
}

/**
 * What the patch itself has written, the marks of its rules, and who is paid for the gas that a gate costs. What a payload of governance
 * writes is its own only where no benign transaction writes it, too: it can take from those whom it is to leave alone.
 */
async function ourKeys(
  baseline: Baseline,
  { inForce, overridden, state, callers, guarded, shared }: Patched,
): Promise<(key: string) => boolean> {
  const { capsule, benign, state: baseState } = baseline;
  const { source } = watchState(capsule);
  const own = new Set((await keysWritten(baseline, inForce)).filter((key) => !shared.has(key)));
  // What was overridden may be asked for later than the patch is put in force.
  for (const key of new Set([...state.keys(), ...baseState.keys()]))
    if ((await startingWord(overridden, key)) !== (await startingWord(source, key))) own.add(key);
  const paid: ReadonlySet<string> = coinbasesOf(capsule, benign);
  const marks = new Set(guarded.flatMap((victim) => markSlots(callers).map((slot) => keyOf(victim, slot))));
  return (key) => own.has(key) || marks.has(key) || paid.has(key);
}

/**
 * What a payload took of the ether of whoever sent it, and of a victim, or gave to anybody: that is its purpose, and takes from nobody
 * else. Benign transactions have to add to it and take of it what they did.
 */
function paidByPayload({ victims }: Baseline, { inForce, payers }: Patched, key: string, begin: Hex): bigint {
  if (payers.length === 0 || key.includes(" ")) return 0n;
  const paid = BigInt(begin) - BigInt(inForce.get(key) ?? begin);
  return paid < 0n || [...payers, ...victims].some((address) => address === key) ? paid : 0n;
}

/** A sender's balance with what it paid for gas put back. */
function withFees({ benign }: Baseline, runs: readonly TxRun[], key: string, word: Hex): bigint {
  if (key.includes(" ")) return BigInt(word);
  return runs.reduce((sum, { fee }, i) => (benign[i]!.tx.from === key ? sum + fee : sum), BigInt(word));
}
