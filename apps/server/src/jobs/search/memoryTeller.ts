import type { SearchTask } from "./runSearch.ts";
import type { SearchMemory } from "./SearchMemory.ts";

/** To write it takes a moment, and what is lost in a crash is no more than this. */
const everyMs = 20_000;

export interface MemoryTeller {
  /** How long the search has taken, with what it took before. */
  seconds(): number;
  /** Tells what was learned, where it is kept and was not told for a while. */
  tellAtTimes(): void;
  tell(): void;
}

/** For a worker; `learned` is asked between two stretches of its search. */
export function openMemoryTeller(
  { memory, isKept }: SearchTask,
  learned: () => unknown,
  say: (word: { readonly kind: "memory"; readonly memory: SearchMemory }) => void,
): MemoryTeller {
  const start = performance.now();
  let told = start;
  const seconds = (): number => (memory?.seconds ?? 0) + (performance.now() - start) / 1_000;
  function tell(): void {
    if (!isKept) return;
    told = performance.now();
    say({ kind: "memory", memory: { seconds: seconds(), learned: learned() } });
  }
  return {
    seconds,
    tell,
    tellAtTimes() {
      if (performance.now() - told >= everyMs) tell();
    },
  };
}
