import type { Address } from "./hex.ts";

/** State that a run needs and does not have. Whoever drives the run gives it and lets the run go on. */
export type Miss =
  | { readonly kind: "account"; readonly address: Address }
  | { readonly kind: "slot"; readonly address: Address; readonly key: bigint }
  | { readonly kind: "blockHash"; readonly number: bigint }
  /** Code of which only the hash was given. */
  | { readonly kind: "code"; readonly address: Address };

/** Work that asks for state while it goes on. */
export type Run<T> = Generator<Miss, T, void>;

/** Puts into the engine at once what a run misses. */
export type Give = (miss: Miss) => void;

/** Drives work that must find everything there, or is given it at once. */
export function drive<T>(run: Run<T>, give?: Give): T {
  for (let step = run.next(); ; step = run.next()) {
    if (step.done) return step.value;
    if (give === undefined) throw new StateNotLoaded(step.value);
    give(step.value);
  }
}

/** Drives work, and lets `give` put into the engine what it asks for. */
export async function driveAsync<T>(run: Run<T>, give: (miss: Miss) => Promise<void>): Promise<T> {
  for (let step = run.next(); ; step = run.next()) {
    if (step.done) return step.value;
    await give(step.value);
  }
}

/** Thrown where a run needs state that was not loaded, and there is nobody to ask. Not retryable. */
export class StateNotLoaded extends Error {
  override readonly name = "StateNotLoaded";
  readonly miss: Miss;
  constructor(miss: Miss) {
    super(
      `The engine needs ${describe(miss)}, which was not loaded.\n- Load it first, or ask the source that the engine was opened on: callAsync, accountAsync, slotAsync.`,
    );
    this.miss = miss;
  }
}

function describe(miss: Miss): string {
  if (miss.kind === "blockHash") return `the hash of block ${miss.number}`;
  if (miss.kind === "code") return `the code of ${miss.address}`;
  return miss.kind === "account" ? `account ${miss.address}` : `slot 0x${miss.key.toString(16)} of ${miss.address}`;
}
