import { invariant } from "@testudo/core/detectors/invariant";
import { zeroConfigDetectors } from "@testudo/core/detectors/zeroConfig";
import { pausePlaybook } from "@testudo/core/governance/pausePlaybook";
import { toPolicy } from "@testudo/core/governance/policyCheck";
import { rulePlaybook } from "@testudo/core/governance/rulePlaybook";
import { defaultComposite } from "@testudo/core/model/CompositeRule";
import type { DetectContext, DetectorUse } from "@testudo/core/model/Detector";
import type { RuleKind } from "@testudo/core/model/GuardRule";
import type { Address, Hex } from "@testudo/core/model/Hex";
import { topic } from "@testudo/core/model/KnownSignature";
import type { HaltFlag, RelayTerms, RuleBounds } from "@testudo/core/model/Policy";
import type { Program } from "@testudo/core/model/Program";
import { loadCalibration } from "testudo/config/loadCalibration";

/** What the program has to know; `ill` is a detector that fails on block `atBlock`. */
export interface TillParams {
  readonly chainId: number;
  readonly till: Address;
  readonly token: Address;
  readonly council: Address;
  readonly breaker: Address;
  readonly guardians: readonly Address[];
  readonly ill?: { readonly how: "throws" | "hangs" | "dies"; readonly atBlock: number };
  /** A file that `testudo calibrate` wrote. */
  readonly calibration?: string;
  /** With it a relay gets signed bytes first. */
  readonly relay?: RelayTerms;
  /** With it a contract says whether anything may be sent. */
  readonly haltFlag?: HaltFlag;
  /** With it a rule that bounds one withdrawal answers, without a person; `program` sends it. */
  readonly rule?: { readonly program: Address; readonly most: bigint; readonly seconds: number };
  /** With it a rule is derived from the attack, and a pause proposed beside it. */
  readonly derive?: {
    readonly program: Address;
    readonly kinds: readonly RuleKind[];
    /** A withdrawal of so much stays possible whatever is derived. */
    readonly promised: bigint;
    readonly leastHonest: number;
    readonly seconds: number;
    readonly budgetMs?: number;
  };
}

export const withdraw: Hex = "0x2e1a7d4d";
const owed = "0xc87d6779";
const balanceOf = "0x70a08231";
const pauseSeconds = 3_600;

/** The zero-configuration set, an exact identity that alone allows a pause, and a counter whose memory can be compared. */
export function createProgram(params: TillParams): Program {
  const { chainId, till, council, breaker, guardians, ill, rule, derive, relay, haltFlag } = params;
  const calibration = params.calibration === undefined ? undefined : loadCalibration(params.calibration);
  const permission = {
    target: till,
    name: "Till",
    selectors: [withdraw],
    exempt: [],
    maxDurationSeconds: pauseSeconds,
  };
  const targets = [{ target: till, selectors: [withdraw], durationSeconds: pauseSeconds }];
  return {
    chainId,
    watched: [till],
    ...(calibration ? { calibration, composite: defaultComposite } : {}),
    detectors: [
      counter,
      ...(ill === undefined ? [] : [illOne(ill)]),
      ...(rule === undefined && derive === undefined ? [] : [large(params)]),
      solvent(params),
      ...zeroConfigDetectors(),
    ],
    playbooks: [
      derive !== undefined
        ? rulePlaybook({
            id: "find-a-rule",
            derive: [{ target: till, durationSeconds: derive.seconds }],
            pauses: targets,
          })
        : rule === undefined
          ? pausePlaybook({ id: "shut-the-till", targets })
          : smallOnly(till, rule),
    ],
    policy: toPolicy({
      expiresAt: 4_000_000_000n,
      permissions: [permission],
      minSeverity: "high",
      guardians,
      quorum: 2,
      council,
      breaker,
      coolOffSeconds: 24 * 3_600,
      deadlineSeconds: 3_600,
      canaries: [],
      ...(rule === undefined ? {} : { rules: boundsOf(till, rule) }),
      ...(derive === undefined ? {} : { rules: derivedBoundsOf(till, derive) }),
      ...(relay === undefined ? {} : { relay }),
      ...(haltFlag === undefined ? {} : { haltFlag }),
    }),
  };
}

type Rule = NonNullable<TillParams["rule"]>;

function smallOnly(target: Address, { most, seconds }: Rule) {
  const rule = { target, selector: withdraw, kind: "ARG_MAX" as const, argIndex: 0, bound: most };
  return rulePlaybook({ id: "small-withdrawals", rules: [{ ...rule, durationSeconds: seconds }] });
}

function boundsOf(target: Address, { program, seconds }: Rule): RuleBounds {
  const permission = { target, selectors: [withdraw], kinds: ["ARG_MAX" as const], maxDurationSeconds: seconds };
  return { program, permissions: [permission], atOnce: 1 };
}

function derivedBoundsOf(target: Address, derive: NonNullable<TillParams["derive"]>): RuleBounds {
  const { program, kinds, promised, leastHonest, seconds, budgetMs = 60_000 } = derive;
  const amounts = [{ selector: withdraw, argIndex: 0, lowestMax: promised }];
  const permission = { target, selectors: [withdraw], kinds, maxDurationSeconds: seconds, oracles: [], amounts };
  const derived = { permissions: [permission], aDay: 1, leastHonest, lookBackBlocks: 1_000, budgetMs };
  return { program, permissions: [], atOnce: 1, derived };
}

/** An anomaly: more leaves in one transfer than a tenth of what the till owes. */
function large({ till, token }: TillParams): DetectorUse {
  const detector = useOf("large-withdrawal", (c) => {
    for (const { tx, logs } of c.txs)
      for (const { address, topics, data } of logs)
        if (
          address === token &&
          topics[0] === topic.transfer &&
          topics[1]?.endsWith(till.slice(2)) &&
          BigInt(data) > 100_000n
        )
          c.finding({
            severity: "critical",
            reason: `${BigInt(data)} left the till at once.`,
            subject: till,
            txHash: tx.hash,
            key: [tx.hash],
            score: 1,
            evidence: { amount: BigInt(data) },
          });
  });
  return { ...detector, meta: { ...detector.meta, needs: { all: ["L"] } } };
}

function solvent({ till, token }: TillParams): DetectorUse {
  return invariant({
    id: "till-solvent",
    hard: true,
    reads: () => [
      { kind: "call", at: "block", to: till, data: owed },
      { kind: "call", at: "block", to: token, data: `${balanceOf}${till.slice(2).padStart(64, "0")}` },
    ],
    predicate: ([due, held], c) => {
      // Before the till stood there was nothing to owe.
      const before = c.phase === "history" && due?.ok === true && due.value === "0x";
      const holds = before || (due?.ok === true && held?.ok === true && BigInt(held.value) >= BigInt(due.value));
      return {
        holds,
        reason: "The till owes more than it holds.",
        evidence: { due: due?.ok ? due.value : "unread", held: held?.ok ? held.value : "unread" },
      };
    },
  });
}

function useOf(id: string, detect: (c: DetectContext<unknown>) => void): DetectorUse {
  const meta = {
    id,
    version: "1.0.0",
    class: "anomaly" as const,
    needs: { all: [] },
    finality: 1,
    runbook: "none",
    owner: "test",
  };
  return { meta, detect, settings: {} };
}

const counter = useOf("counter", ({ memory }) => void memory.count("blocks"));

function illOne({ how, atBlock }: NonNullable<TillParams["ill"]>): DetectorUse {
  return useOf("ill", ({ block, memory }) => {
    memory.count("blocks");
    if (block.ref.number !== BigInt(atBlock)) return;
    if (how === "dies") process.exit(3);
    if (how === "throws") throw new RangeError("ill by design");
    for (;;) memory.count("turns");
  });
}
