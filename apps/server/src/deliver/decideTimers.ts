// When somebody else is told because nobody has acknowledged (DELIV-03). Pure: what a notice does to the timers, and what a timer
// that is due comes to.
import { isAtLeast, type Severity } from "@testudo/core/model/Finding";
import type { FindingStatus } from "@testudo/core/model/FindingStatus";
import type { Address, Hex } from "@testudo/core/model/Hex";
import type { Notice } from "@testudo/core/model/Notice";
import { hashOf } from "@testudo/core/model/Record";
import { stageOf } from "./Message.ts";

/** Whom to tell, and when. Times in milliseconds. */
export interface Escalation {
  readonly afterMs: number;
  readonly minSeverity: Severity;
  readonly subjects?: readonly Address[] | undefined;
  readonly owners?: readonly string[] | undefined;
  /** Names of channels. */
  readonly to: readonly string[];
}

/** A timer to set (unless it is), or all timers of an alert to take away. */
export type TimerChange =
  | { readonly kind: "set"; readonly key: string; readonly dueAt: number; readonly rule: Escalation }
  | { readonly kind: "clear"; readonly prefix: string };

/** What `notice`, stored at `atMs`, does to the timers of `rules`. */
export function decideTimers(notice: Notice, atMs: number, rules: readonly Escalation[]): readonly TimerChange[] {
  const prefix = `${notice.thread}/`;
  const stage = stageOf(notice);
  if (stage === "acknowledge" || stage === "close") return [{ kind: "clear", prefix }];
  const isAlert = notice.topic === "finding" || notice.topic === "health";
  // What history holds is told by order, and nobody is woken for it.
  if (notice.phase === "history") return [];
  if (stage !== "open" || !isAlert || ["escalated", "test", "digest"].includes(notice.transition)) return [];
  return rules
    .filter((rule) => fits(notice, rule))
    .map((rule) => ({ kind: "set", key: `${prefix}${idOf(rule)}`, dueAt: atMs + rule.afterMs, rule }));
}

function fits({ severity, topic, subject, owner }: Notice, { minSeverity, subjects, owners }: Escalation): boolean {
  if (!isAtLeast(severity, minSeverity)) return false;
  if (owners !== undefined && owner !== undefined && !owners.includes(owner)) return false;
  return subjects === undefined || topic === "health" || (subject !== undefined && subjects.includes(subject));
}

/** A rule that is edited is another one: its timers are set anew at the next alert. */
function idOf({ afterMs, minSeverity, subjects = [], owners = [], to }: Escalation): Hex {
  return hashOf([afterMs, minSeverity, subjects, owners, to]);
}

/**
 * What is told when the timer of `notice` is due; undefined when somebody has it by now, or the chain has taken it back. The
 * finding's status is asked again: a notice of it may not have been looked at yet.
 */
export function decideEscalation(
  notice: Notice,
  rule: Escalation,
  status: Pick<FindingStatus, "work" | "chain"> | undefined,
): Notice | undefined {
  if (status !== undefined && (status.work !== "open" || status.chain === "retracted")) return undefined;
  const minutes = Math.round(rule.afterMs / 60_000);
  return {
    ...notice,
    id: hashOf({ escalated: notice.id, rule: idOf(rule) }),
    transition: "escalated",
    title: `Nobody has acknowledged for ${minutes} min: ${notice.title}`,
  };
}
