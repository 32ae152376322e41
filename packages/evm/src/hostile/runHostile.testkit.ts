// One engine under attack for many steps. Whatever it is given, each run ends within its gas, or with the error that memory is
// exhausted and everything taken back; memory stays below the limit; and what comes out is what an engine gives that has run
// nothing before.
import { deepStrictEqual } from "node:assert/strict";
import { createRandom } from "../fuzz/Random.ts";
import { type Engine, type Outcome, openEngine } from "../openEngine.ts";
import { EngineMemoryExhausted } from "../World.ts";
import { type HostileStep, play, randomStep } from "./HostileStep.testkit.ts";
import { type HostileWorld, hostileWorld } from "./HostileWorld.testkit.ts";

export interface HostileTally {
  runs: number;
  /** Runs that ended for want of memory. */
  exhausted: number;
  /** Runs that were compared with a fresh engine's. */
  compared: number;
  /** Most bytes that the instance had of its host. */
  taken: number;
  slowestMilliseconds: number;
  slowest: string;
}

export const emptyTally = (): HostileTally => ({
  runs: 0,
  exhausted: 0,
  compared: 0,
  taken: 0,
  slowestMilliseconds: 0,
  slowest: "",
});

/**
 * Plays the steps of a seed, as long as `goesOn` says so, and adds to `tally`; throws `HostileFailure` at the first that is not as
 * it must be.
 */
export async function runHostile(
  seed: number,
  steps: number,
  tally: HostileTally,
  goesOn: () => boolean = () => true,
): Promise<void> {
  const world = hostileWorld(seed);
  const random = createRandom(seed ^ 0x5eed);
  const engine = await openEngine(world.options);
  const begin = engine.snapshot();
  for (let i = 0; i < steps && goesOn(); i++) {
    const step = randomStep(random, world);
    const isCompared = random.chance(6);
    if (isCompared || random.chance(5)) engine.rollback(begin);
    const before = engine.snapshot();
    try {
      const result = await playTimed(engine, step, world, tally);
      if (result === undefined) assertTakenBack(engine, before);
      else if (isCompared) await compare(world, step, result, engine, tally);
      readAll(engine, random.chance(4));
      assertBounded(engine, world, tally);
    } catch (error) {
      throw new HostileFailure(seed, i, world, step, error);
    }
    if (random.chance(50)) engine.rollback(before);
  }
}

/** What came of it, or undefined where memory was exhausted. */
async function playTimed(
  engine: Engine,
  step: HostileStep,
  world: HostileWorld,
  tally: HostileTally,
): Promise<unknown> {
  const start = performance.now();
  tally.runs++;
  try {
    const result = await play(engine, step, world.options.hooks?.trace === true);
    assertWellFormed((result as { outcome: Outcome }).outcome, step);
    return result;
  } catch (error) {
    if (!(error instanceof EngineMemoryExhausted)) throw error;
    tally.exhausted++;
    return undefined;
  } finally {
    const milliseconds = performance.now() - start;
    if (milliseconds > tally.slowestMilliseconds) {
      Object.assign(tally, { slowestMilliseconds: milliseconds, slowest: world.attack });
    }
  }
}

function assertWellFormed(
  outcome: Outcome | { readonly kind: "invalid"; readonly why: string },
  step: HostileStep,
): void {
  if ("why" in outcome) return;
  const gas = step.kind === "call" ? step.message.gas : step.tx.gas;
  const { succeeded, error, gasUsed, output } = outcome;
  deepStrictEqual([succeeded, output instanceof Uint8Array], [error === undefined, true]);
  if (gasUsed < 0n || gasUsed > gas) throw new Error(`It used ${gasUsed} of ${gas} gas.`);
  if (error?.startsWith("failure")) throw new Error(`It ended in a way without a name: ${error}.`);
}

function assertTakenBack(engine: Engine, before: number): void {
  if (engine.snapshot() !== before) throw new Error("A run that memory was exhausted in left changes.");
}

function assertBounded(engine: Engine, { options }: HostileWorld, tally: HostileTally): void {
  const { taken } = engine.memoryUse();
  tally.taken = Math.max(tally.taken, taken);
  if (taken > options.memoryBytes!)
    throw new Error(`The engine took ${taken} bytes, and may take ${options.memoryBytes}.`);
}

/** The same step on an engine that has run nothing, with memory enough. */
async function compare(
  world: HostileWorld,
  step: HostileStep,
  result: unknown,
  engine: Engine,
  tally: HostileTally,
): Promise<void> {
  const { memoryBytes: _, ...options } = world.options;
  const fresh = await openEngine(options);
  deepStrictEqual(result, await play(fresh, step, options.hooks?.trace === true));
  for (const address of world.accounts.keys()) {
    const [old, now] = [engine.account(address), fresh.account(address)];
    if (old === undefined || now === undefined) continue;
    deepStrictEqual([old.balance, old.nonce, old.code], [now.balance, now.nonce, now.code]);
    for (const [key, value] of now.storage!) {
      const known = engine.slot(address, key);
      if (known !== undefined) deepStrictEqual([key, known], [key, value]);
    }
  }
  tally.compared++;
}

/** Whatever a host may read must be there to be read. */
function readAll(engine: Engine, isAll: boolean): void {
  engine.console();
  engine.labels();
  if (!isAll) return;
  engine.coverage();
  engine.comparisons();
  engine.storageUses();
  engine.flows();
  engine.callEdges();
  engine.trace();
  engine.accounts();
}

/** Thrown for a step that did not end as it must. The seed brings it again. */
export class HostileFailure extends Error {
  override readonly name = "HostileFailure";
  readonly seed: number;
  constructor(seed: number, step: number, world: HostileWorld, given: HostileStep, cause: unknown) {
    const why = cause instanceof Error ? `${cause.name}: ${cause.message.slice(0, 2_000)}` : String(cause);
    const { fork, memoryBytes, cheats, accounts } = world.options;
    super(
      `Step ${step} of seed ${seed} (${given.kind}, ${fork}, ${memoryBytes} bytes, cheats ${cheats}, ${accounts === undefined ? "asked" : "given"}, "${world.attack}"): ${why}\n- npm run soak -- --evm 1 --seed ${seed} brings it again.`,
      { cause },
    );
    this.seed = seed;
  }
}
