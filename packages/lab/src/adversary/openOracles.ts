// What a search hunts: assertions that fail in a call, and properties that do not hold after one. What breaks them is shrunk.
import type { Call } from "./Call.ts";
import { type HuntTarget, huntHooks } from "./HuntTarget.ts";
import { nameFailures } from "./nameFailures.ts";
import { type Path, readPath } from "./Path.ts";
import { holds, type Property } from "./Property.ts";
import type { Approach } from "./SiteBook.ts";
import type { Stage, State } from "./Stage.ts";
import { shrinkCalls } from "./shrinkCalls.ts";
import type { Violation } from "./Violation.ts";

export interface Oracles {
  readonly violations: readonly Violation[];
  /** Notes the assertions that fail in `call`, made in a state. */
  judgeCall(state: State, call: Call): void;
  /** Notes the properties that do not hold in a state. */
  judgeState(state: State): void;
}

export interface OracleSetting {
  readonly target: HuntTarget;
  readonly stage: Stage;
  /** Seconds since the begin. */
  elapsed(): number;
  /** Asked to look at what was tried from a state, while its results stand. */
  look(state: State): void;
  /** Shown the way that each check of a property took. */
  notePath(path: Path, approach: Approach): void;
  /** Found before. */
  readonly known?: readonly Violation[];
  /** How many calls the search has made, where the stage does not know all. */
  calls?(): number;
}

const mostViolations = 1_000;
const triesToShrink = 2_000;

export function openOracles({
  target,
  stage,
  elapsed,
  look,
  notePath,
  known = [],
  calls: callsMade = () => stage.count,
}: OracleSetting): Oracles {
  const { engine, properties, senders, assertionEvents, tellPlace } = target;
  const violations = new Map(known.map((violation) => [violation.name, violation]));

  /** The names of assertions that fail in the last of `calls`. */
  function failuresOf(calls: readonly Call[]): string[] {
    const state = { calls: calls.slice(0, -1) };
    const call = calls.at(-1)!;
    stage.enter(state);
    stage.clear();
    engine.setHooks({ ...huntHooks, trace: true });
    try {
      stage.add(call, { takesBack: "itself", keepsComparisons: "always" });
      stage.run();
      // To make a sequence smaller may lead where nothing led yet.
      if (stage.batch.found(0) > 0) look(state);
      return stage.batch.failedAssertions(0) === 0 ? [] : nameFailures(stage, 0, assertionEvents, tellPlace);
    } finally {
      engine.setHooks(huntHooks);
    }
  }

  function brokenAfter(state: State, asked: readonly Property[]): Property[] {
    if (asked.length === 0) return [];
    stage.enter(state);
    stage.clear();
    for (const { check } of asked)
      stage.add(check, { takesBack: "itself", keepsComparisons: "always", wantsOutput: true });
    stage.run();
    // What a property compares is what a search has to bring about.
    for (const [i, { check }] of asked.entries())
      notePath(readPath(stage.batch.comparisons(i)), { state, call: check });
    return asked.filter((property, i) => !holds(stage, property, i));
  }

  function keep(
    name: string,
    kind: Violation["kind"],
    calls: readonly Call[],
    breaks: (calls: readonly Call[]) => boolean,
  ): void {
    if (violations.has(name) || violations.size >= mostViolations) return;
    const found = { name, kind, atCall: callsMade(), seconds: elapsed() };
    // Kept first: while it is shrunk it may be met again.
    violations.set(name, { ...found, calls });
    violations.set(name, { ...found, calls: shrinkCalls(calls, senders[0]!, breaks, triesToShrink) });
  }

  return {
    get violations() {
      return [...violations.values()];
    },
    judgeCall(state, call) {
      const calls = [...state.calls, call];
      for (const name of failuresOf(calls))
        keep(name, "assertion", calls, (fewer) => fewer.length > 0 && failuresOf(fewer).includes(name));
    },
    judgeState(state) {
      for (const property of brokenAfter(state, properties))
        keep(property.name, "property", state.calls, (fewer) => brokenAfter({ calls: fewer }, [property]).length > 0);
    },
  };
}
