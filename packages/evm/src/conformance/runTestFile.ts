import { type Fork, forkNames } from "../fork.ts";
import { parseStateTests } from "./parseStateTests.ts";
import { runStateTest } from "./runStateTest.ts";
import type { StateTestEngine } from "./StateTestEngine.ts";

/** A case that failed, or a file or test that could not be read: then `index` is -1, and for a file `name` is empty. */
export interface StateTestFailure {
  readonly file: string;
  readonly name: string;
  readonly index: number;
  readonly why: string;
}

export interface FileResult {
  readonly passed: number;
  readonly failures: readonly StateTestFailure[];
  /** Cases that were not run, by reason. */
  readonly skips: ReadonlyMap<string, number>;
}

/** Runs all cases of a file whose fork is among `forks`. Never throws: a malformed file is a failure. */
export async function runTestFile(
  file: string,
  text: string,
  forks: readonly Fork[],
  engine: StateTestEngine,
): Promise<FileResult> {
  const failures: StateTestFailure[] = [];
  const skips = new Map<string, number>();
  const skip = (why: string) => skips.set(why, (skips.get(why) ?? 0) + 1);
  let passed = 0;
  try {
    const { tests, faults, foreign } = parseStateTests(text);
    failures.push(...faults.map(({ name, why }) => ({ file, name, index: -1, why: `malformed: ${why}` })));
    for (const { kind } of foreign) skip(`${kind}, not a state test`);
    for (const test of tests)
      for (const expected of test.cases) {
        const fork = forkNames.find((name) => name === expected.fork.toLowerCase());
        if (fork === undefined) skip(`fork ${expected.fork} is not one of ours`);
        else if (!forks.includes(fork)) skip(`fork ${expected.fork} was not asked for`);
        else {
          const why = await runStateTest(test, expected, fork, engine);
          if (why === undefined) passed++;
          else failures.push({ file, name: test.name, index: expected.index, why: `${expected.fork}: ${why}` });
        }
      }
  } catch (error) {
    failures.push({ file, name: "", index: -1, why: `malformed: ${(error as Error).message}` });
  }
  return { passed, failures, skips };
}
