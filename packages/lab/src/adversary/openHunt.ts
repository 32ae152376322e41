// The search: calls are drawn and mutated, those that go where none went become seeds and states to go on from, and what
// went one way only is solved (`solveSite`). Nothing depends on time: as many calls from the same seed find the same.
import type { Address, Hex } from "@testudo/core/model/Hex";
import type { Engine } from "@testudo/evm/openEngine";
import type { Call } from "./Call.ts";
import type { Callable } from "./Callable.ts";
import { openChance } from "./Chance.ts";
import type { Dictionary } from "./Dictionary.ts";
import { openInfluence } from "./Influence.ts";
import { mutateInput } from "./mutateInput.ts";
import { nameFailures, type TellPlace } from "./nameFailures.ts";
import { differenceAt, keepRecords, operandsAt, type Path, readPath } from "./Path.ts";
import { holds, type Property } from "./Property.ts";
import { reshapeCall } from "./reshapeCall.ts";
import { type Sources, sampleCall, sampleSeconds, sampleWei } from "./sampleCall.ts";
import { type Approach, openSiteBook, type Site } from "./SiteBook.ts";
import { openStage, type State } from "./Stage.ts";
import { shrinkCalls } from "./shrinkCalls.ts";
import { solveSite } from "./solveSite.ts";
import type { Violation } from "./Violation.ts";
import { wanderToSite } from "./wanderToSite.ts";

export interface HuntTarget {
  /** On the state that the hunt begins with, with `huntHooks` on. */
  readonly engine: Engine;
  readonly callables: readonly Callable[];
  readonly properties: readonly Property[];
  readonly senders: readonly Address[];
  readonly addresses: readonly Address[];
  readonly dictionary: Dictionary;
  /** Events that stand for a failed assertion, by topic. */
  readonly assertionEvents: ReadonlyMap<Hex, string>;
  readonly tellPlace: TellPlace;
  readonly mostSeconds: number;
}

export interface Hunt {
  /** Goes on for at least `calls` calls; a little more, since they go in batches. */
  advance(calls: number): void;
  readonly calls: number;
  /** Basic blocks that ran. */
  readonly coverage: number;
  /** A number for each of them: the same in every hunt of the same target. */
  covered(): number[];
  /** Comparisons that went one way only so far. */
  readonly open: number;
  readonly violations: readonly Violation[];
}

const keepsComparisons = "never";
const single = { takesBack: "itself", keepsComparisons } as const;
const last = { takesBack: "batch", keepsComparisons } as const;
const inner = { keepsComparisons } as const;
const restOf = (index: number, length: number) => (length === 1 ? single : index === length - 1 ? last : inner);

/** What the engine has to record. */
export const huntHooks = { edges: true, comparisons: true, assertions: true } as const;

const groupsOfBatch = 192;
const mostStates = 2_048;
const mostSeeds = 64;
const mostPrefix = 64;
const mostPrints = 1 << 20;
const mostViolations = 1_000;
const triesToShrink = 2_000;

/** A call that did something of note, and where it began. */
interface Noted {
  readonly state: State;
  readonly call: Call;
  readonly isNew: boolean;
  readonly hasFailed: boolean;
  readonly hasSucceeded: boolean;
  readonly fingerprint: number;
}

interface Kept extends State {
  picks: number;
}

export function openHunt(target: HuntTarget, seed: number, now: () => number): Hunt {
  const chance = openChance(seed);
  const { engine, callables, properties, senders, addresses, dictionary, mostSeconds } = target;
  const sources: Sources = { chance, dictionary, senders, addresses, mostSeconds };
  const start = now();
  const stage = openStage(engine);
  const sites = openSiteBook(chance);
  const influence = openInfluence();
  const first: Kept = { calls: [], picks: 0 };
  const states: Kept[] = [first];
  const seeds = new Map<Callable, Call[]>(callables.map((callable) => [callable, []]));
  const violations = new Map<string, Violation>();
  const prints = new Set<number>();
  let noted: Noted[] = [];

  const covered = (): number[] =>
    engine
      .coverage()
      .flatMap(({ code, offsets, isCovered }) =>
        offsets.filter((_, i) => isCovered[i]).map((offset) => code * 2 ** 24 + offset),
      );

  const elapsed = (): number => (now() - start) / 1_000;

  const acting = callables.filter(({ isView }) => !isView);

  function draw(): Call {
    const callable = chance.pick(acting.length > 0 && !chance.once(8) ? acting : callables);
    const pool = seeds.get(callable)!;
    if (pool.length === 0 || chance.once(6)) return sampleCall(callable, sources);
    const known = chance.pick(pool);
    const call = callable.fixed === undefined && chance.once(4) ? reshapeCall(known, sources) : known;
    return chance.once(3) ? redrawn(call) : call;
  }

  function redrawn(call: Call): Call {
    return {
      ...call,
      from: chance.once(2) ? call.from : chance.pick(senders),
      value: call.callable.isPayable && chance.once(2) ? sampleWei(chance) : call.value,
      seconds: sampleSeconds(sources),
    };
  }

  /** Looks at what the batch gave for `groups`, of which each began at `state`. */
  function look(state: State, groups: readonly (readonly Call[])[]): void {
    const { batch } = stage;
    let first = 0;
    for (const group of groups) {
      for (let i = 0; i < group.length; i++) {
        const at = first + i;
        const hasSucceeded = batch.succeeded(at);
        const isNew = batch.found(at) > 0;
        // The first failure of an assertion runs something new; of those after it a sample will do.
        const hasFailed = batch.failedAssertions(at) > 0 && (isNew || chance.once(16));
        const fingerprint = hasSucceeded ? batch.fingerprint(at) : 0;
        if (isNew || hasFailed || (fingerprint !== 0 && isWorthALook(fingerprint))) {
          const before = group.slice(0, i).flatMap((call, k) => (batch.fingerprint(first + k) === 0 ? [] : [ranAs(call, first + k)]));
          noted.push({ state: { calls: [...state.calls, ...before] }, call: ranAs(group[i]!, at), isNew, hasFailed, hasSucceeded, fingerprint });
        }
      }
      first += group.length;
    }
  }

  /** The call as it was written into the batch. */
  function ranAs(call: Call, index: number): Call {
    return { ...call, input: stage.batch.input(index).slice() };
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
    for (const { state, call, isNew, hasFailed, hasSucceeded, fingerprint } of all) {
      if (isNew) learn(state, call);
      if (hasSucceeded && fingerprint !== 0) keepState({ calls: [...state.calls, call], picks: 0 }, isNew);
      if (hasFailed) nameAndKeep(state, call);
    }
    if (properties.length > 0) checkAll(all.filter(({ fingerprint }) => fingerprint !== 0));
  }

  function learn(state: State, call: Call): void {
    const path = pathOf(state, call);
    sites.note(path, { state, call });
    const pool = seeds.get(call.callable);
    // A property is checked, and never called.
    if (pool === undefined) return;
    if (pool.length < mostSeeds) pool.push(call);
    else pool[chance.below(mostSeeds)] = call;
    for (let i = 0; i < path.records.count; i++) {
      const [left, right] = operandsAt(path.records, i);
      if (left === right || differenceAt(path.records, i) === 0n) continue;
      dictionary.add(left);
      dictionary.add(right);
    }
  }

  function keepState(state: Kept, isNew: boolean): void {
    if (state.calls.length > mostPrefix || (!isNew && !chance.once(8))) return;
    if (states.length < mostStates) states.push(state);
    else states[1 + chance.below(mostStates - 1)] = state;
  }

  function pathOf(state: State, call: Call): Path {
    stage.enter(state);
    stage.clear();
    stage.add(call, { takesBack: "itself", keepsComparisons: "always" });
    stage.run();
    return readPath(keepRecords(stage.batch.comparisons(0)));
  }

  /** The names of assertions that fail in the last of `calls`. */
  function failuresOf(calls: readonly Call[]): string[] {
    stage.enter({ calls: calls.slice(0, -1) });
    stage.clear();
    engine.setHooks({ ...huntHooks, trace: true });
    try {
      stage.add(calls.at(-1)!, { takesBack: "itself", keepsComparisons: "always" });
      stage.run();
      // To make a sequence smaller may lead where nothing led yet.
      if (stage.batch.found(0) > 0) look({ calls: calls.slice(0, -1) }, [[calls.at(-1)!]]);
      if (stage.batch.failedAssertions(0) === 0) return [];
      return nameFailures(stage, 0, target.assertionEvents, target.tellPlace);
    } finally {
      engine.setHooks(huntHooks);
    }
  }

  function nameAndKeep(state: State, call: Call): void {
    const calls = [...state.calls, call];
    for (const name of failuresOf(calls)) keepViolation(name, "assertion", calls, (fewer) => failuresOf(fewer).includes(name));
  }

  function checkAll(changed: readonly Noted[]): void {
    if (changed.length === 0) return;
    for (const item of changed) {
      const calls = [...item.state.calls, item.call];
      for (const property of brokenAfter(calls, properties))
        keepViolation(property.name, "property", calls, (fewer) => brokenAfter(fewer, [property]).length > 0);
    }
  }

  function brokenAfter(calls: readonly Call[], asked: readonly Property[]): Property[] {
    stage.enter({ calls });
    stage.clear();
    for (const { check } of asked) stage.add(check, { takesBack: "itself", keepsComparisons: "always", wantsOutput: true });
    stage.run();
    // What a property compares is what a search has to bring about.
    asked.forEach(({ check }, i) => sites.note(readPath(stage.batch.comparisons(i)), { state: { calls }, call: check }));
    return asked.filter((property, i) => !holds(stage, property, i));
  }

  function keepViolation(name: string, kind: Violation["kind"], calls: readonly Call[], breaks: (calls: readonly Call[]) => boolean): void {
    if (violations.has(name) || violations.size >= mostViolations) return;
    const found = { name, kind, atCall: stage.count, seconds: elapsed() };
    violations.set(name, { ...found, calls });
    violations.set(name, { ...found, calls: shrinkCalls(calls, senders[0]!, (fewer) => (kind === "property" || fewer.length > 0) && breaks(fewer), triesToShrink) });
  }

  function explore(): void {
    const state = pickState();
    stage.enter(state);
    stage.clear();
    const groups: Call[][] = [];
    while (groups.length < groupsOfBatch) {
      const length = chance.once(3) ? 2 + chance.below(6) : 1;
      const group: Call[] = [];
      for (let i = 0; i < length; i++) {
        const call = draw();
        const rest = restOf(i, length);
        const input = stage.addEmpty(call, rest);
        input.set(call.input);
        mutateInput(input, call.places, sources);
        group.push(call);
      }
      groups.push(group);
    }
    stage.run();
    look(state, groups);
    digest();
  }

  function pickState(): State {
    let best = chance.pick(states);
    for (let i = 0; i < 2; i++) {
      const other = chance.pick(states);
      if (other.picks < best.picks) best = other;
    }
    best.picks++;
    return best;
  }

  function solve(): void {
    const site = sites.pick(chance);
    if (site === undefined) return explore();
    const approach = chance.pick(site.approaches);
    site.attempts++;
    const steps = Math.min(8 + 4 * site.attempts, 64);

    const solved = solveSite(stage, site, approach, sources, { steps }, influence, (calls) => look(approach.state, calls.map((call) => [call])));
    // Whoever goes another way runs new code as a rule, but not where code has been merged.
    if (solved !== undefined) sites.note(pathOf(approach.state, solved), { state: approach.state, call: solved });
    digest();
    if (!sites.isOpen(site.key) || acting.length === 0) return;
    // What arguments move needs no other state as a rule, and what none brought nearer so far seldom will.
    if (!chance.once((isMovedByArguments(site, approach) ? 4 : 1) * (1 + site.wanderings))) return;
    const nearer = wanderToSite(site, approach, { stage, chance, draw, look, mostCalls: mostPrefix });
    site.wanderings = nearer === undefined ? Math.min(site.wanderings + 1, 15) : 0;
    digest();
    if (nearer !== undefined && sites.isOpen(site.key)) site.approaches[chance.below(site.approaches.length)] = nearer;
  }

  const isMovedByArguments = ({ key }: Site, { call }: Approach): boolean => influence.placesOf(key, call.callable).size > 0;

  // A property that does not hold at the begin is broken by no call at all.
  for (const property of brokenAfter([], properties))
    violations.set(property.name, { name: property.name, kind: "property", calls: [], atCall: stage.count, seconds: elapsed() });

  return {
    advance(calls) {
      const end = stage.count + calls;
      while (stage.count < end) {
        if (callables.length === 0) return;
        if (chance.once(2)) solve();
        else explore();
      }
    },
    get calls() {
      return stage.count;
    },
    get coverage() {
      return covered().length;
    },
    covered,
    get open() {
      return sites.open;
    },
    get violations() {
      return [...violations.values()];
    },
  };
}
