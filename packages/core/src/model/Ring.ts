import type { Plain } from "./canonicalJson.ts";
import type { Memory } from "./Memory.ts";

/** The last entries under `key`, oldest first. */
export function ringOf<T extends Plain>(memory: Memory, key: string): readonly T[] {
  return (memory.get(key) ?? []) as readonly T[];
}

/** Adds `entry` under `key` and keeps the last `limit`. */
export function addToRing<T extends Plain>(memory: Memory, key: string, entry: T, limit: number): void {
  memory.set(key, [...ringOf<T>(memory, key), entry].slice(-limit));
}
