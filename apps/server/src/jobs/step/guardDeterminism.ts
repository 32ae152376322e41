// What a detector is not handed it can still take from the thread's global. While one runs, that throws.

type Callable = (...args: never[]) => unknown;

/** The parts of a thread's global that differ from run to run. */
export interface Guarded {
  Date: DateConstructor;
  readonly Math: { random: () => number };
  readonly performance: { now: () => number };
  fetch: typeof fetch;
  setTimeout: typeof setTimeout;
  setInterval: typeof setInterval;
  setImmediate: typeof setImmediate;
}

/**
 * Puts guards before clock, randomness, network and timers of `scope`: while `running()` names a detector they throw
 * DeterminismError, else they do what they did (DET-01). Install once, before detectors are loaded, so that what they
 * keep for later is guarded too. It is against mistakes: what a promise does after the detector has returned, or what
 * is imported from `node:`, passes.
 */
export function guardDeterminism(scope: Guarded, running: () => string | undefined): void {
  const refuse = (call: string) => {
    const detector = running();
    if (detector !== undefined) throw new DeterminismError(detector, call);
  };
  const guard = <F extends Callable>(call: string, target: F): F =>
    new Proxy(target, {
      apply(original, self, args) {
        refuse(call);
        return Reflect.apply(original, self, args);
      },
    });
  const now = guard("Date.now", scope.Date.now);
  scope.Date = new Proxy(scope.Date, {
    get: (original, key) => (key === "now" ? now : Reflect.get(original, key)),
    apply(original, self, args) {
      refuse("Date()");
      return Reflect.apply(original, self, args);
    },
    construct(original, args, target) {
      if (args.length === 0) refuse("new Date()");
      return Reflect.construct(original, args, target);
    },
  });
  scope.Math.random = guard("Math.random", scope.Math.random);
  scope.performance.now = guard("performance.now", scope.performance.now);
  for (const name of ["fetch", "setTimeout", "setInterval", "setImmediate"] as const)
    Object.assign(scope, { [name]: guard(name, scope[name]) });
}

/** A detector called for something that is not the same in each run. Not retryable. */
export class DeterminismError extends Error {
  override readonly name = "DeterminismError";
  constructor(detector: string, call: string) {
    super(
      [
        `Detector "${detector}" called ${call}.`,
        "- A detector judges by the block, its memory and state reads alone (DET-01).",
        "- Take the time from context.block.ref.timestamp, and state from context.read.",
      ].join("\n"),
    );
  }
}
