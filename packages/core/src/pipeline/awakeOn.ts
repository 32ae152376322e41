// Which detectors a block concerns. Most of a thousand rules wait for an event of one contract; looking them up by what the
// block holds costs as much as the block is long, however many rules there are.
import type { BlockBundle, Scope } from "../model/BlockBundle.ts";
import { walk } from "../model/CallTree.ts";
import type { DetectorUse } from "../model/Detector.ts";
import type { Program } from "../model/Program.ts";
import type { Trigger } from "../model/Trigger.ts";
import type { TxView } from "../model/TxView.ts";

interface TriggerIndex {
  /** Detectors without triggers, and those whose silence counts too. */
  readonly always: readonly number[];
  readonly byKey: ReadonlyMap<string, readonly number[]>;
  /** Detectors with triggers by the scopes they need, joined; without one of them it is told of each (STREAM-08). */
  readonly byNeeds: readonly { readonly needs: readonly Scope[]; readonly indices: readonly number[] }[];
  readonly hasCalls: boolean;
}

/** What is looked at of a block. */
interface Concerned {
  readonly bundle: Pick<BlockBundle, "has">;
  readonly views: readonly TxView[];
  readonly isolated: ReadonlyMap<string, unknown>;
}

const indices = new WeakMap<Program, TriggerIndex>();

/** The indices, in their order, of the detectors of `program` that the block concerns. */
export function awakeOn(program: Program, { bundle, views, isolated }: Concerned): readonly number[] {
  const index = indexOf(program);
  if (index.byNeeds.length === 0) return index.always;
  const awake = new Set(index.always);
  const wake = (list: readonly number[] | undefined) => {
    for (const one of list ?? []) awake.add(one);
  };
  for (const { needs, indices: list } of index.byNeeds)
    if (!needs.every((scope) => bundle.has.includes(scope))) wake(list);
  for (const view of views) for (const key of keysIn(view, index)) wake(index.byKey.get(key));
  if (isolated.size > 0) wake(program.detectors.flatMap(({ meta }, i) => (isolated.has(meta.id) ? [i] : [])));
  return [...awake].sort((a, b) => a - b);
}

function indexOf(program: Program): TriggerIndex {
  const known = indices.get(program);
  if (known !== undefined) return known;
  const made = makeIndex(program);
  indices.set(program, made);
  return made;
}

function makeIndex(program: Program): TriggerIndex {
  // How often a calibrated detector says nothing is counted with what it says.
  const calibrated = new Set(program.calibration?.detectors.map(({ detector }) => detector));
  const always: number[] = [];
  const byKey = new Map<string, number[]>();
  const byNeeds = new Map<string, { needs: readonly Scope[]; indices: number[] }>();
  program.detectors.forEach(({ meta, triggers }, i) => {
    if (triggers === undefined || calibrated.has(meta.id)) {
      always.push(i);
      return;
    }
    for (const key of new Set(triggers.flatMap((trigger) => keysOf(trigger, program)))) listIn(byKey, key).push(i);
    const needs = needsOf(meta.needs);
    const group = byNeeds.get(needs.join()) ?? { needs, indices: [] };
    group.indices.push(i);
    byNeeds.set(needs.join(), group);
  });
  const hasCalls = program.detectors.some(({ triggers }) => triggers?.some(({ kind }) => kind === "call"));
  return { always, byKey, byNeeds: [...byNeeds.values()], hasCalls };
}

function needsOf({ all, degraded = [] }: DetectorUse["meta"]["needs"]): Scope[] {
  return [...new Set([...all, ...degraded])].sort();
}

function listIn(map: Map<string, number[]>, key: string): number[] {
  const found = map.get(key);
  if (found !== undefined) return found;
  const made: number[] = [];
  map.set(key, made);
  return made;
}

/** The keys under which a block that pulls `trigger` is found: what, and where. */
function keysOf(trigger: Trigger, { watched }: Program): string[] {
  const what = whatOf(trigger);
  if (trigger.at === "any") return [`${what}@`];
  return (trigger.at === "watched" ? watched : trigger.at).map((address) => `${what}@${address}`);
}

function whatOf(trigger: Trigger): string {
  switch (trigger.kind) {
    case "log":
      return `log ${trigger.topic}`;
    case "call":
      return `call ${trigger.selector ?? ""}`;
    case "entry":
      return `entry ${trigger.selector}`;
    case "party":
      return "party ";
    default:
      return never(trigger);
  }
}

function* keysIn({ tx, logs, trace }: TxView, { hasCalls }: TriggerIndex): Generator<string> {
  yield "party @";
  yield `party @${tx.from}`;
  if (tx.to !== null) {
    yield `party @${tx.to}`;
    yield* placed(`entry ${tx.input.slice(0, 10)}`, tx.to);
  }
  for (const { address, topics } of logs) {
    yield `party @${address}`;
    if (topics[0] !== undefined) yield* placed(`log ${topics[0]}`, address);
  }
  if (!hasCalls || trace === undefined) return;
  for (const visit of walk(trace)) {
    yield* placed(`call ${visit.selector}`, visit.context);
    yield* placed("call ", visit.context);
  }
}

function* placed(what: string, address: string): Generator<string> {
  yield `${what}@`;
  yield `${what}@${address}`;
}

function never(trigger: never): never {
  throw new TypeError(`Unknown trigger ${JSON.stringify(trigger)}.`);
}
