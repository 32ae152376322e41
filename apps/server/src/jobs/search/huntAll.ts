// A search for broken assertions and properties on several cores.
import type { CompiledFile } from "../../attack/compileSol.ts";
import type { HuntReport, ToldViolation } from "../../attack/HuntReport.ts";
import { UsageError } from "../../config/UsageError.ts";
import type { HuntEnd, HuntState } from "./huntWorker.ts";
import { runSearch, type SearchBounds } from "./runSearch.ts";
import type { SearchMemories } from "./SearchMemory.ts";

export interface HuntOrder extends SearchBounds {
  readonly file: CompiledFile;
  readonly contract: string;
  readonly seed: number;
  readonly memories?: SearchMemories;
}

export interface HuntProgress extends HuntState {
  readonly seconds: number;
}

/** Errors that the file is to blame for. */
const refusals = ["NotDeployable", "NothingToHunt"];

/** Searches until the order's end, or until `signal` fires; what was found by then is told. */
export async function huntAll(
  { workers, calls, seconds, memories, ...task }: HuntOrder,
  signal: AbortSignal,
  show: (progress: HuntProgress) => void,
): Promise<HuntReport> {
  const searched = await runSearch<HuntState, HuntEnd>({
    script: new URL("./huntWorker.js", import.meta.url),
    task,
    bounds: { workers, ...(calls === undefined ? {} : { calls }), ...(seconds === undefined ? {} : { seconds }) },
    signal,
    memories,
    show: (elapsed, states) =>
      show({
        seconds: elapsed,
        calls: states.reduce((sum, state) => sum + state.calls, 0),
        coverage: Math.max(...states.map(({ coverage }) => coverage)),
        violations: Math.max(...states.map(({ violations }) => violations)),
      }),
    refuse: ({ name, message }) => (refusals.includes(name) ? new HuntRefused(message) : undefined),
  });
  return reportOf(searched.ends, searched.seconds);
}

function reportOf(ends: readonly HuntEnd[], seconds: number): HuntReport {
  const calls = ends.reduce((sum, end) => sum + end.calls, 0);
  const violations = new Map<string, ToldViolation>();
  for (const found of ends.flatMap((end) => end.violations)) {
    const known = violations.get(found.name);
    if (known === undefined || found.atCall < known.atCall) violations.set(found.name, found);
  }
  return {
    calls,
    callsPerSecond: Math.round(calls / seconds),
    coverage: new Set(ends.flatMap(({ covered }) => covered)).size,
    violations: [...violations.values()].sort((a, b) => a.atCall - b.atCall || (a.name < b.name ? -1 : 1)),
  };
}

/** The contract cannot be hunted. Not retryable as it is. */
export class HuntRefused extends UsageError {
  override readonly name = "HuntRefused";
  constructor(message: string) {
    const [what = message, allowed = "", wayOut = ""] = message.split("\n- ");
    super(what, allowed, wayOut);
  }
}
