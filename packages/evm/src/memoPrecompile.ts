import type { Precompile } from "./precompiles/Precompile.ts";

// An input is a signature or a few points; longer ones are rarely asked twice.
const longestInput = 1024;
const mostKept = 512;
// SHA-256, RIPEMD-160 and BLAKE2 cost less than looking them up, or about as much.
const cheap = new Set([2, 3, 4, 9]);

/**
 * A function that runs precompiled contracts by address and remembers what they gave: a search sends the same signature
 * thousands of times. Nothing but the input decides, so that a kept output is as good as a new one. The oldest is forgotten.
 */
export function memoPrecompile(): (id: number, precompile: Precompile, input: Uint8Array) => Uint8Array | undefined {
  const kept = new Map<string, Uint8Array | undefined>();
  return (id, precompile, input) => {
    if (cheap.has(id) || input.length > longestInput) return precompile.run(input);
    const key = keyOf(id, input);
    if (kept.has(key)) return kept.get(key);
    const output = precompile.run(input);
    if (kept.size >= mostKept) kept.delete(kept.keys().next().value!);
    kept.set(key, output);
    return output;
  };
}

function keyOf(id: number, input: Uint8Array): string {
  return String.fromCharCode(id, ...input);
}
