// The search: calls are drawn and mutated, those that go where none went become seeds and states to go on from, and what
// went one way only is solved (`solveSite`). Nothing depends on time: as many calls from the same seed find the same.
import type { Call } from "./Call.ts";
import { openChance } from "./Chance.ts";
import type { Hunt, HuntMemory, HuntParts } from "./Hunt.ts";
import type { HuntTarget } from "./HuntTarget.ts";
import { openInfluence } from "./Influence.ts";
import { mutateInput } from "./mutateInput.ts";
import { mostPrefix, openCorpus } from "./openCorpus.ts";
import { openOracles } from "./openOracles.ts";
import { keepRecords, operandsAt, type Path, readPath } from "./Path.ts";
import { type Approach, openSiteBook, type Site } from "./SiteBook.ts";
import { openStage, type State } from "./Stage.ts";
import type { Sources } from "./sampleCall.ts";
import { solveSite } from "./solveSite.ts";
import { wanderToSite } from "./wanderToSite.ts";

/** A call that did something of note, and where it began. */
interface Noted {
  readonly state: State;
  readonly call: Call;
  readonly isNew: boolean;
  readonly hasFailed: boolean;
  readonly fingerprint: number;
}

const groupsOfBatch = 192;
/** Calls of a sequence that is drawn, at most. */
export const longestGroup = 7;
const mostPrints = 1 << 20;
const mostSteps = 64;
const mostWanderings = 15;
const keepsComparisons = "never";
const single = { takesBack: "itself", keepsComparisons } as const;
const last = { takesBack: "batch", keepsComparisons } as const;
const inner = { keepsComparisons } as const;

/** Opens a hunt; `now` tells milliseconds, for the report alone. */
export function openHunt(target: HuntTarget, seed: number, now: () => number, parts: Partial<HuntParts> = {}): Hunt {
  const chance = openChance(seed);
  const { engine, callables, properties, senders, addresses, dictionary, mostSeconds } = target;
  const sources: Sources = { chance, dictionary, senders, addresses, mostSeconds };
  const start = now();
  const { recall } = parts;
  const elapsed = (): number => (recall?.seconds ?? 0) + (now() - start) / 1_000;
  const news: Approach[] = [];
  // What it takes to run all again is counted once.
  let callsBefore = 0;
  const { mostCalls = Number.POSITIVE_INFINITY } = parts;
  const left = (): number => mostCalls - callsBefore - stage.count;
  const isSpent = (): boolean => left() <= 0;
  const stage = parts.stage ?? openStage(engine);
  const sites = openSiteBook(chance);
  const influence = openInfluence();
  const corpus = openCorpus(callables, sources);
  const oracles = (parts.openOracles ?? openOracles)({
    target,
    stage,
    elapsed,
    calls: () => callsBefore + stage.count,
    look: (state) => look(state),
    notePath: (path, approach) => void sites.note(path, approach),
    ...(recall === undefined ? {} : { known: recall.violations }),
  });
  const prints = new Set<number>();
  let noted: Noted[] = [];

  /** Looks at what the batch gave for the first `count` calls, which were made in `state`. */
  function look(state: State, count = stage.batch.length): void {
    const { batch } = stage;
    for (let i = 0; i < count; i++) {
      const isNew = batch.found(i) > 0;
      // The first failure of an assertion runs something new; of those after it a sample will do.
      const hasFailed = batch.failedAssertions(i) > 0 && (isNew || chance.once(16));
      const fingerprint = batch.fingerprint(i);
      if (!isNew && !hasFailed && (fingerprint === 0 || !isWorthALook(fingerprint))) continue;
      const before: Call[] = [];
      for (let k = stage.firstOf(i); k < i; k++) if (batch.fingerprint(k) !== 0) before.push(stage.callAt(k));
      noted.push({
        state: { calls: [...state.calls, ...before] },
        call: stage.callAt(i),
        isNew,
        hasFailed,
        fingerprint,
      });
    }
  }

  // Properties can only break where state changed to what it was not yet.
  function isWorthALook(fingerprint: number): boolean {
    if (prints.has(fingerprint)) return false;
    if (prints.size > mostPrints) prints.clear();
    prints.add(fingerprint);
    return properties.length > 0 || chance.once(32);
  }

  function digest(): void {
    const all = noted;
    noted = [];
    let done = 0;
    try {
      for (; done < all.length; done++) take(all[done]!);
    } finally {
      // A stage may refuse to go on: what is left is for the next time.
      if (done < all.length) noted = [...all.slice(done), ...noted];
    }
  }

  function take({ state, call, isNew, hasFailed, fingerprint }: Noted): void {
    // Then what ran is still judged; whatever else is learned of it is of use to nobody.
    if (isSpent()) {
      if (hasFailed) oracles.judgeCall(state, call);
      if (fingerprint !== 0) oracles.judgeState({ calls: [...state.calls, call] });
      return;
    }
    if (isNew) {
      news.push({ state, call });
      learn(state, call);
    }
    if (hasFailed) oracles.judgeCall(state, call);
    if (fingerprint === 0) return;
    const next = { calls: [...state.calls, call] };
    corpus.keepState(next, isNew);
    oracles.judgeState(next);
  }

  function learn(state: State, call: Call): void {
    const path = pathOf(state, call);
    sites.note(path, { state, call });
    corpus.keepCall(call);
    for (let i = 0; i < path.records.count; i++) {
      const [left, right] = operandsAt(path.records, i);
      if (left === right) continue;
      dictionary.add(left);
      dictionary.add(right);
    }
  }

  function pathOf(state: State, call: Call): Path {
    stage.enter(state);
    stage.clear();
    stage.add(call, { takesBack: "itself", keepsComparisons: "always" });
    stage.run();
    return readPath(keepRecords(stage.batch.comparisons(0)));
  }

  function explore(): void {
    const state = corpus.pickState();
    stage.enter(state);
    stage.clear();
    const groups = parts.groups?.() ?? groupsOfBatch;
    for (let group = 0; group < groups && stage.batch.length < left(); group++) {
      const wanted = chance.once(3) ? 2 + chance.below(longestGroup - 1) : 1;
      const length = Math.min(wanted, left() - stage.batch.length);
      for (let i = 0; i < length; i++) {
        const call = corpus.draw();
        const input = stage.addVariant(call, length === 1 ? single : i === length - 1 ? last : inner);
        mutateInput(input, call.places, sources);
      }
    }
    stage.run();
    look(state);
    digest();
  }

  function solve(): void {
    const site = sites.pick();
    if (site === undefined) {
      explore();
      return;
    }
    const approach = chance.pick(site.approaches);
    site.attempts++;
    const steps = Math.min(8 + 4 * site.attempts, mostSteps);
    const solved = solveSite(site, approach, steps, {
      ...{ stage, sources, influence, isSpent },
      look: () => look(approach.state),
    });
    // Whoever goes another way runs new code as a rule, but not where code has been merged.
    if (solved !== undefined) sites.note(pathOf(approach.state, solved), { state: approach.state, call: solved });
    digest();
    if (sites.isOpen(site.key) && corpus.canAct && isToWander(site, approach)) wander(site, approach);
  }

  // What arguments move needs no other state as a rule, and what none brought nearer so far seldom will.
  function isToWander({ key, wanderings }: Site, { call }: Approach): boolean {
    const isMovedByArguments = influence.placesOf(key, call.callable).size > 0;
    return chance.once((isMovedByArguments ? 4 : 1) * (1 + wanderings));
  }

  function wander(site: Site, approach: Approach): void {
    const { draw } = corpus;
    const nearer = wanderToSite(site, approach, {
      ...{ stage, chance, draw, look, isSpent },
      mostCalls: mostPrefix,
    });
    site.wanderings = nearer === undefined ? Math.min(site.wanderings + 1, mostWanderings) : 0;
    digest();
    if (nearer === undefined || !sites.isOpen(site.key)) return;
    site.approaches[chance.below(site.approaches.length)] = nearer;
  }

  // A property that does not hold at the begin is broken by no call at all.
  oracles.judgeState({ calls: [] });

  const covered = (): number[] =>
    engine
      .coverage()
      .flatMap(({ code, offsets, isCovered }) =>
        offsets.filter((_, i) => isCovered[i]).map((offset) => code * 2 ** 24 + offset),
      );

  function attempt(state: State, calls: readonly Call[]): void {
    stage.enter(state);
    stage.clear();
    for (const [i, call] of calls.entries()) stage.add(call, i === calls.length - 1 ? last : inner);
    stage.run();
    const end = calls.length - 1;
    if (!stage.ran(end)) return;
    const call = calls[end]!;
    const fingerprint = stage.batch.fingerprint(end);
    const before = calls.slice(0, -1).filter((_, i) => stage.batch.fingerprint(i) !== 0);
    look(state, end);
    noted.push({ state: { calls: [...state.calls, ...before] }, call, isNew: true, hasFailed: false, fingerprint });
    digest();
  }

  function runAgain(memory: HuntMemory): void {
    const own = new Map(memory.callables.map((callable, i) => [callable, callables[i]!]));
    const ownCall = (call: Call): Call => ({ ...call, callable: own.get(call.callable) ?? call.callable });
    for (const { state, call } of memory.news) attempt({ calls: state.calls.map(ownCall) }, [ownCall(call)]);
    chance.goTo(memory.chance);
    callsBefore = memory.calls - stage.count;
  }
  if (recall !== undefined) runAgain(recall);

  return {
    memory: () => ({
      ...{ chance: chance.mark(), calls: callsBefore + stage.count, callables, news },
      ...{ violations: oracles.violations, seconds: elapsed() },
    }),
    advance(calls) {
      const end = stage.count + calls;
      while (stage.count < end && !isSpent() && callables.length > 0) {
        if (chance.once(2)) solve();
        else explore();
      }
    },
    attempt,
    get calls() {
      return callsBefore + stage.count;
    },
    get coverage() {
      return covered().length;
    },
    covered,
    get open() {
      return sites.open;
    },
    get violations() {
      return oracles.violations;
    },
  };
}
