import { z } from "zod";
import type { DetectContext, DetectorUse } from "../model/Detector.ts";
import type { FindingDraft, Severity } from "../model/Finding.ts";
import { type Address, type Hex, isAddress, toLower } from "../model/Hex.ts";
import type { StateAnswer, StateRead } from "../model/StateRead.ts";

/** What a predicate says about the block. `evidence` must let a reader recompute it. */
export interface Verdict {
  readonly holds: boolean;
  /** One sentence for a person, used where it does not hold. */
  readonly reason: string;
  readonly evidence: FindingDraft["evidence"];
  /** Default: the first protected address. */
  readonly subject?: Address;
}

/** A user's own identity over the state of a block. */
export interface InvariantRule {
  /** Stands in every finding; lower case, digits and hyphens. */
  readonly id: string;
  /** Default `critical`: an identity either holds or it does not. */
  readonly severity?: Severity;
  /** True only for an exact identity whose breach alone may lead to an automatic action (GATE-01). Default false. */
  readonly hard?: boolean;
  readonly version?: string;
  readonly runbook?: string;
  readonly owner?: string;
  /** What the predicate needs to know, at "block" (or "parent"); asked in one round. */
  readonly reads: (context: DetectContext<unknown>) => readonly StateRead[];
  /** Logs inside call frames that the predicate looks for, as of `Detector`. Most look for none: []. */
  readonly frameLogs?: readonly Hex[];
  /** Judges the answers, given in the order of `reads`. A revert arrives as `ok: false`; the predicate decides what it means. Must be pure. */
  readonly predicate: (answers: readonly StateAnswer[], context: DetectContext<unknown>) => Verdict;
}

const shape = z.object({
  id: z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/),
  severity: z.enum(["info", "low", "medium", "high", "critical"]).optional(),
  hard: z.boolean().optional(),
  version: z
    .string()
    .regex(/^\d+\.\d+\.\d+$/)
    .optional(),
  runbook: z.string().min(1).optional(),
  owner: z.string().min(1).optional(),
});

/**
 * A detector for the user's own predicate, checked at every block. Throws InvariantMalformed for a wrong id or version.
 *
 *   `severity`, critical if nothing is said: `predicate` does not hold of the answers to `reads` at the block; with `hard`
 *   an exact breach, which alone allows automatic action (GATE-01)
 *
 * Source: the user, who answers for it. Default: none. Calibration: none, an identity holds or it does not.
 *
 * @example
 * invariant({
 *   id: "solvent",
 *   reads: () => [{ kind: "call", at: "block", to: vault, data: "0x01e1d114" }],
 *   predicate: ([assets]) => ({ holds: assets!.ok && BigInt(assets!.value) >= floor, reason: "Assets fell below the floor.", evidence: { floor } }),
 * });
 */
export function invariant(rule: InvariantRule): DetectorUse {
  const checked = shape.safeParse(rule);
  if (!checked.success)
    throw new InvariantMalformed(
      rule.id,
      checked.error.issues.map((i) => `${i.path.join(".")}: ${i.message}`),
    );
  return {
    meta: {
      id: `invariant-${rule.id}`,
      version: rule.version ?? "1.0.0",
      class: "invariant",
      needs: { all: ["S"] },
      finality: "finalized",
      hard: rule.hard ?? false,
      runbook: rule.runbook ?? "docs/requirements/detectors.md#invariant",
      owner: rule.owner ?? "protocol",
    },
    ...(rule.frameLogs === undefined ? {} : { frameLogs: rule.frameLogs }),
    settings: { id: rule.id, severity: rule.severity ?? "critical", hard: rule.hard ?? false },
    detect: (context) => check(rule, context),
  };
}

function check(rule: InvariantRule, context: DetectContext<unknown>): void {
  if (!context.block.has.includes("S")) return;
  const reads: unknown = rule.reads(context);
  if (!Array.isArray(reads)) throw new InvariantMalformed(rule.id, ["reads gives no list"]);
  // A node refuses them one by one, time and again, and is blamed for it.
  const problems = reads.flatMap(problemsOf);
  if (problems.length > 0) throw new InvariantMalformed(rule.id, problems);
  const answers = context.readAll(reads);
  const { holds, reason, evidence, subject } = rule.predicate(answers, context);
  if (holds) return;
  const about = subject ?? [...context.watched][0];
  if (about === undefined) return;
  context.finding({
    severity: rule.severity ?? "critical",
    subject: toLower(about),
    reason,
    key: [rule.id],
    score: 1,
    evidence,
  });
}

/** What no node could be asked by `read`. */
function problemsOf(read: StateRead): string[] {
  const problems: string[] = [];
  const { at, to, address, data, slot } = read as Partial<Record<"at" | "to" | "address" | "data" | "slot", unknown>>;
  if (typeof at === "string" && at !== "block" && at !== "parent") problems.push(`"${at}" is no moment`);
  const isCall = read.kind === "call" || read.kind === "remote";
  const account = isCall ? to : address;
  if (read.kind !== "simulate" && !isAddress(account)) problems.push(`"${account}" is no address`);
  if (isCall && !/^0x([0-9a-f]{2})*$/i.test(String(data))) problems.push(`"${data}" is no calldata`);
  if (read.kind === "slot" && !/^0x[0-9a-f]{1,64}$/i.test(String(slot))) problems.push(`"${slot}" is no slot`);
  return problems;
}

/** Thrown for a rule that cannot run. */
export class InvariantMalformed extends Error {
  override readonly name = "InvariantMalformed";
  constructor(id: string, problems: readonly string[]) {
    super(
      [
        `Invariant "${id}" cannot be used: ${problems.join("; ")}.`,
        '- Allowed are ids like "solvent" or "open-interest-balanced", and versions like "1.0.0".',
        "- Correct the rule in the configuration.",
      ].join("\n"),
    );
  }
}
