// Looks for a rule in an attack: takes the attack and others' transactions from a node, and tries rules on that record.
import { createHash } from "node:crypto";
import type { Endpoint } from "@testudo/chain/rpc/rpcEndpoint";
import { atLeastPromised, refusalOfDerived } from "@testudo/core/governance/deriveCheck";
import type { Derived, DeriveRequest, StageMs } from "@testudo/core/model/Derivation";
import type { Address, Hex } from "@testudo/core/model/Hex";
import type { DeriveBounds } from "@testudo/core/model/Policy";
import { BenignIdle, NoAttack } from "@testudo/lab/patch/NotPlayable";
import type { Patch } from "@testudo/lab/patch/Patch";
import { type Proposed, proposePatch } from "@testudo/lab/patch/proposePatch";
import type { Capsule } from "@testudo/lab/record/Capsule";
import { writeCapsule } from "@testudo/lab/record/writeCapsule";
import { recordCapsule } from "../../capsule/recordCapsule.ts";
import { fetchSent, findHonest, type Honest, recordedAs, type SentTx } from "./findHonest.ts";

/** What a search is told. */
export interface DeriveTask {
  readonly request: DeriveRequest;
  readonly bounds: DeriveBounds;
  /** Functions of the target that no rule may touch. */
  readonly exempt: readonly Hex[];
  /** Whose holdings the attack takes. */
  readonly holders: readonly Address[];
}

/** The answer, with the bytes of the capsule that it rests on where one was made. */
export interface DeriveResult {
  readonly derived: Derived;
  readonly bytes?: Uint8Array;
}

export type OnStage = (stage: string) => void;

/** The first rule within the bounds that stops the attack and changes nothing of the honest, or why there is none. */
export async function deriveRule(endpoint: Endpoint, task: DeriveTask, onStage: OnStage): Promise<DeriveResult> {
  const { request, bounds } = task;
  const stages: StageMs[] = [];
  const timed = async <T>(stage: string, work: () => Promise<T>, count: (made: T) => number): Promise<T> => {
    onStage(stage);
    const start = performance.now();
    const made = await work();
    stages.push({ stage, ms: Math.round(performance.now() - start), count: count(made) });
    return made;
  };
  const without = (note: string, honest: Derived["honest"] = nobody): DeriveResult => ({
    derived: { honest, tried: [], stages, note },
  });
  const attack = await timed(
    "attack",
    () => fetchSent(endpoint, request.attack),
    (txs) => txs.length,
  );
  if (attack.length === 0) return without("no transaction of the attack stands in a block and succeeded");
  const honest = await timed(
    "honest",
    () => findHonest(endpoint, request.target, attack, bounds.lookBackBlocks),
    ({ recorded, alsoHonest }) => recorded.length + alsoHonest.length,
  );
  if (honest.gaps.length > 0) return without(`the honest side is not whole: ${honest.gaps[0]}`);
  const made = await proposeOn(endpoint, task, { attack, honest }, timed);
  if ("tooFew" in made) {
    const { senders } = made.tooFew;
    const asked = `of ${bounds.leastHonest} honest senders ${senders} are known`;
    return without(`${asked}: what a rule would break cannot be told`, sizeOf(made.tooFew));
  }
  return { bytes: made.bytes, derived: toDerived(made.bytes, made.proposed, sizeOf(made.honest), stages) };
}

const nobody = { recorded: 0, senders: 0, seen: 0 };

function sizeOf({ recorded, alsoHonest, senders }: Honest): Derived["honest"] {
  return { recorded: recorded.length, senders, seen: alsoHonest.length };
}

type Timed = <T>(stage: string, work: () => Promise<T>, count: (made: T) => number) => Promise<T>;

interface Sides {
  readonly attack: readonly SentTx[];
  readonly honest: Honest;
}

/** What was proposed, and for whom; or those who are left, where they are too few to tell what a rule would break. */
type Made =
  | { readonly bytes: Uint8Array; readonly proposed: Proposed; readonly honest: Honest }
  | { readonly tooFew: Honest };

// What was not recorded lies between what was: where the attack fails on what older transactions met, fewer of them are taken.
async function proposeOn(endpoint: Endpoint, task: DeriveTask, { attack, honest }: Sides, timed: Timed): Promise<Made> {
  for (let left = honest; ; ) {
    if (left.senders < task.bounds.leastHonest) return { tooFew: left };
    const { recorded } = left;
    try {
      const capsule = await timed(
        "record",
        () => recordSides(endpoint, task, attack, recorded),
        ({ transactions = [] }) => transactions.length,
      );
      const proposed = await timed(
        "propose",
        () => proposeFor(capsule, task, left),
        ({ scorecard }) => scorecard.tried,
      );
      return { bytes: writeCapsule(capsule), proposed, honest: left };
    } catch (error) {
      const fewer = without(recorded, error);
      if (fewer.length === recorded.length) throw error;
      left = recordedAs(left, task.request.target, fewer);
    }
  }
}

/** Those that are left where the capsule of all of them shows no attack, or holds one that does not run: the same where it is another error. */
function without(others: readonly SentTx[], error: unknown): readonly SentTx[] {
  if (error instanceof BenignIdle) return others.filter(({ hash }) => !error.txs.includes(hash));
  return error instanceof NoAttack ? others.slice(Math.ceil(others.length / 2)) : others;
}

async function recordSides(
  endpoint: Endpoint,
  { request, exempt }: DeriveTask,
  attack: readonly SentTx[],
  others: readonly SentTx[],
): Promise<Capsule> {
  const bad = new Set<Hex>(attack.map(({ hash }) => hash));
  const capsule = await recordCapsule(endpoint, [...others.map(({ hash }) => hash), ...bad]);
  const roleOf = (hash: Hex | undefined) => (hash !== undefined && bad.has(hash) ? "attack" : "benign");
  const transactions = (capsule.transactions ?? []).map((tx) => ({ ...tx, role: roleOf(tx.hash) }) as const);
  return { ...capsule, victim: request.target, exempt, transactions };
}

function proposeFor(capsule: Capsule, { request, bounds, exempt, holders }: DeriveTask, honest: Honest) {
  const { target, durationSeconds: seconds } = request;
  return proposePatch(capsule, {
    // In the midst of an attack that goes on slowly: what is gone is gone, and what ends can be set again.
    ...{ victims: [target], holders: [...new Set([target, ...holders])], exempt, seconds, mayOutlast: true },
    ...{ enough: 1, budgetMs: bounds.budgetMs, alsoHonest: honest.alsoHonest, now: () => performance.now() },
    admit: (patch) => admit(patch, bounds, seconds),
  });
}

/** What is tried for `patch`: its one rule, no tighter than honest people are promised; or why it is not. */
function admit(patch: Patch, bounds: DeriveBounds, seconds: number): Patch | string {
  if (patch.kind !== "guardRule") return `a ${patch.kind} is no guard rule`;
  const [first, ...more] = patch.rules;
  if (first === undefined || more.length > 0)
    return `it takes ${patch.rules.length} rules, and one is derived at a time`;
  const rule = atLeastPromised(bounds, first);
  return refusalOfDerived(bounds, rule, seconds) ?? { ...patch, rules: [rule] };
}

function toDerived(
  bytes: Uint8Array,
  { proposals: [best], scorecard }: Proposed,
  honest: Derived["honest"],
  stages: readonly StageMs[],
): Derived {
  const inner = scorecard.stages.map(({ stage, ms, count }) => ({
    stage: `propose: ${stage}`,
    ms: Math.round(ms),
    count,
  }));
  const rule = best?.patch.kind === "guardRule" ? best.patch.rules[0] : undefined;
  return {
    capsule: `0x${createHash("sha256").update(bytes).digest("hex")}`,
    honest,
    tried: scorecard.looked.map(({ rules, why, refused }) => ({
      rules,
      why,
      ...(refused === undefined ? {} : { refused }),
    })),
    stages: [...stages, ...inner],
    ...(rule === undefined ? {} : { rule }),
    note:
      rule === undefined
        ? `none of ${scorecard.candidates} rules that the attack suggests is the answer`
        : `derived from the attack: ${best!.why}`,
  };
}
