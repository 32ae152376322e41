// One worker of a search, on a core of its own. It tells how far it is after each stretch, and all that it found at its end.
import { parentPort, workerData } from "node:worker_threads";
import { tellCall } from "@testudo/lab/adversary/Call";
import { deployTarget } from "@testudo/lab/adversary/deployTarget";
import type { HuntMemory } from "@testudo/lab/adversary/Hunt";
import { openHunt } from "@testudo/lab/adversary/openHunt";
import type { CompiledFile } from "../../attack/compileSol.ts";
import type { ToldViolation } from "../../attack/HuntReport.ts";
import { tellAssertion } from "../../attack/tellAssertion.ts";
import { openMemoryTeller } from "./memoryTeller.ts";
import { failureOf, type SearchTask, type SearchWord } from "./runSearch.ts";

export interface HuntTask extends SearchTask {
  readonly file: CompiledFile;
  readonly contract: string;
}

export interface HuntState {
  readonly calls: number;
  readonly coverage: number;
  readonly violations: number;
}

export interface HuntEnd {
  readonly calls: number;
  readonly covered: readonly number[];
  readonly violations: readonly ToldViolation[];
}

type HuntWord = SearchWord<HuntState, HuntEnd>;

/** Calls between two words to the main thread. */
const stretch = 4_000;

const task = workerData as HuntTask;
const say = (word: HuntWord): void => parentPort!.postMessage(word);

try {
  const stop = new Int32Array(task.stop);
  const target = await deployTarget(task.file, task.contract, tellAssertion(task.file));
  const recall = task.memory?.learned as HuntMemory | undefined;
  const hunt = openHunt(target, task.seed, () => performance.now(), {
    ...(recall === undefined ? {} : { recall }),
    ...(task.calls === undefined ? {} : { mostCalls: task.calls }),
  });
  const teller = openMemoryTeller(task, hunt.memory, say);
  const left = (): number => (task.calls === undefined ? stretch : Math.min(stretch, task.calls - hunt.calls));
  while (Atomics.load(stop, 0) === 0 && left() > 0) {
    const before = hunt.calls;
    hunt.advance(left());
    if (hunt.calls === before) break;
    teller.tellAtTimes();
    say({ kind: "progress", calls: hunt.calls, coverage: hunt.coverage, violations: hunt.violations.length });
  }
  teller.tell();
  const violations = hunt.violations.map(({ calls, ...rest }) => ({ ...rest, calls: calls.map(tellCall) }));
  say({ kind: "end", calls: hunt.calls, covered: hunt.covered(), violations });
} catch (error) {
  say(failureOf(error));
}
