import type { EngineSource } from "./EngineOptions.ts";
import { giveMissing } from "./giveMissing.ts";
import type { Machine } from "./Machine.ts";
import { drive, driveAsync, type Give, type Run } from "./Miss.ts";
import type { World } from "./World.ts";

/** Who may work on the engine: one at a time. Before each turn memory is given back where too much of it is in use. */
export interface Turns {
  /** Throws `EngineBusy` while a run waits for its source. */
  assertFree(): void;
  /** Begins what changes the engine without a run. */
  begin(): void;
  /** Whatever ends a run early takes back what it wrote. */
  alone<T>(work: Run<T>): T;
  /** The same, asking the source for what is missing. */
  aloneAsync<T>(work: Run<T>): Promise<T>;
  /** The same, and whatever comes of it takes back what it wrote. */
  aloneAndBackAsync<T>(work: Run<T>): Promise<T>;
}

export function openTurns(machine: Machine, world: World, source: EngineSource | undefined, give?: Give): Turns {
  const { calls } = machine;
  let isBusy = false;

  function assertFree(): void {
    if (isBusy) throw new EngineBusy();
  }
  function begin(): void {
    assertFree();
    world.tidy(false);
  }
  function alone<T>(work: Run<T>): T {
    begin();
    const mark = calls.snapshot();
    try {
      return drive(work, give);
    } catch (error) {
      calls.abandonRun(mark);
      throw error;
    }
  }
  async function aloneAsync<T>(work: Run<T>): Promise<T> {
    if (source === undefined) return alone(work);
    assertFree();
    world.tidy(true);
    isBusy = true;
    const mark = calls.snapshot();
    try {
      return await driveAsync(work, (miss) => giveMissing(machine, world, source, miss));
    } catch (error) {
      calls.abandonRun(mark);
      throw error;
    } finally {
      isBusy = false;
    }
  }
  async function aloneAndBackAsync<T>(work: Run<T>): Promise<T> {
    return aloneAsync(thenBack(work));
  }
  function* thenBack<T>(work: Run<T>): Run<T> {
    const mark = calls.snapshot();
    const result = yield* work;
    calls.abandonRun(mark);
    return result;
  }
  return { assertFree, begin, alone, aloneAsync, aloneAndBackAsync };
}

/** Thrown where an engine is asked something while a run waits for state. Retryable once that has ended. */
export class EngineBusy extends Error {
  override readonly name = "EngineBusy";
  constructor() {
    super("The engine runs something already.\n- Await it first, or open another engine.");
  }
}
