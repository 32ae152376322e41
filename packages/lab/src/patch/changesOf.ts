import type { Address, Hex } from "@testudo/core/model/Hex";
import { watchState } from "../watchedState.ts";
import { breaker, council, deployer, program, timelock } from "./ourAccounts.ts";
import type { Patch } from "./Patch.ts";
import type { Baseline } from "./playBaseline.ts";
import { coinbasesOf, type TxRun } from "./playTransactions.ts";
import { keyOf, type StateReading, startingWord, toWord } from "./readState.ts";
import { ownSlots } from "./ruleSlots.ts";

/** A way in which a patch changes what it should not. `tx` counts from 0; null for the state at the end. */
export interface Change {
  readonly tx: number | null;
  readonly what: string;
  readonly expected: string;
  readonly got: string;
}

export interface Patched {
  readonly patch: Patch;
  /** The benign transactions where nobody attacks, and those with the attack. */
  readonly peaceful: readonly TxRun[];
  readonly attacked: readonly TxRun[];
  readonly state: StateReading;
  readonly callers: ReadonlySet<Address>;
}

const listMax = 100;

/** What of the benign transactions comes out otherwise with the patch: status, output, logs, or what they leave. */
export async function changesOf(baseline: Baseline, patched: Patched): Promise<readonly Change[]> {
  const changes = [
    ...patched.peaceful.flatMap((run, i) => changesOfRun(baseline.peaceful[i]!, run)),
    ...brokenByAttack(baseline, patched.attacked),
    ...(await changesOfState(baseline, patched)),
  ];
  return changes.slice(0, listMax);
}

function changesOfRun(expected: TxRun, got: TxRun): Change[] {
  for (const what of ["status", "output", "logs"] as const)
    if (expected[what] !== got[what]) return [{ tx: got.index, what, expected: expected[what], got: got[what] }];
  return [];
}

/** Benign transactions in the attacked world that end neither as they did there nor as they do in peace. */
function brokenByAttack({ attacked, peaceful }: Baseline, runs: readonly TxRun[]): Change[] {
  return runs
    .filter(({ role }) => role === "benign")
    .flatMap((run) => {
      const was = attacked.find(({ index }) => index === run.index)!.status;
      const inPeace = peaceful.find(({ index }) => index === run.index)!.status;
      if (run.status === was || run.status === inPeace) return [];
      return [{ tx: run.index, what: "status beside the attack", expected: was, got: run.status }];
    });
}

async function changesOfState(baseline: Baseline, patched: Patched): Promise<Change[]> {
  const { source } = watchState(baseline.capsule);
  const isOurs = ourKeys(baseline, patched);
  const changes: Change[] = [];
  for (const [key, got] of patched.state) {
    if (isOurs(key)) continue;
    const expected = baseline.state.get(key) ?? (await startingWord(source, key));
    if (withFees(baseline, baseline.peaceful, key, expected) === withFees(baseline, patched.peaceful, key, got)) continue;
    changes.push({ tx: null, what: key.includes(" ") ? `slot ${key}` : `balance of ${key}`, expected, got });
  }
  return changes;
}

/** What the patch itself writes, and who is paid for the gas that a gate costs. */
function ourKeys({ capsule, benign, victims }: Baseline, { patch, callers }: Patched): (key: string) => boolean {
  const accounts = new Set<string>([breaker, council, deployer, program, timelock, ...coinbasesOf(capsule, benign)]);
  if (patch.kind !== "guardRule") return (key) => accounts.has(key);
  const slots = ownSlots(patch.rules, callers);
  const keys = new Set(victims.flatMap((victim) => [...slots].map((slot) => keyOf(victim, slot))));
  return (key) => accounts.has(key.split(" ")[0]!) || keys.has(key);
}

/** A sender's balance with what it paid for gas put back. */
function withFees({ benign }: Baseline, runs: readonly TxRun[], key: string, word: Hex): Hex {
  if (key.includes(" ")) return word;
  const fees = runs.reduce((sum, { fee }, i) => (benign[i]!.tx.from === key ? sum + fee : sum), 0n);
  return fees === 0n ? word : toWord(BigInt(word) + fees);
}
