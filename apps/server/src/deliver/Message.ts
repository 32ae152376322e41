import type { Severity } from "@testudo/core/model/Finding";
import type { Notice } from "@testudo/core/model/Notice";

/** A notice in words, not yet escaped for anybody. */
export interface Message {
  readonly severity: Severity;
  /** "CRITICAL" or "CRITICAL taken back", ours throughout. */
  readonly label: string;
  /** May quote an attacker. */
  readonly title: string;
  /** May quote an attacker; lines. Empty where it would say the title again. */
  readonly body: string;
  /** Names are ours, values may quote an attacker. */
  readonly facts: readonly (readonly [name: string, value: string])[];
  /** The alert's short name, the same in all its messages. */
  readonly key: string;
}

/** What a notice means for whoever keeps a ticket on its thread. */
export type Stage = "open" | "acknowledge" | "close" | "note";

const closing: readonly string[] = ["retracted", "resolved", "expired", "released", "superseded"];
const noting: readonly string[] = ["simulated", "approved", "cooling", "signed", "broadcast", "included", "replaced"];

/** The stage that `notice` brings its thread to. */
export function stageOf({ transition }: Pick<Notice, "transition">): Stage {
  if (transition === "acknowledged") return "acknowledge";
  if (closing.includes(transition)) return "close";
  return noting.includes(transition) || transition === "confirmed" ? "note" : "open";
}

const words: Readonly<Record<string, string>> = {
  raised: "",
  "raised-again": "again",
  repeated: "more severe",
  relocated: "moved to another block",
  confirmed: "confirmed",
  retracted: "taken back",
  acknowledged: "acknowledged",
  resolved: "resolved",
  escalated: "not acknowledged",
  digest: "digest",
  test: "test",
};

/** `notice` in words. */
export function messageOf(notice: Notice): Message {
  const { severity, transition, title, body, subject, txHash, detector, owner, runbook } = notice;
  const word = words[transition] ?? transition.slice(0, 40);
  const facts: [string, string][] = [["block", `${notice.blockNumber} on chain ${notice.chainId}`]];
  if (subject !== undefined && !/^0x0+$/.test(subject)) facts.push(["subject", subject]);
  if (txHash !== undefined) facts.push(["tx", txHash]);
  if (detector !== undefined) facts.push(["detector", detector]);
  if (owner !== undefined) facts.push(["owner", owner]);
  if (runbook !== "") facts.push(["runbook", runbook]);
  const key = notice.thread.slice(2, 10);
  return {
    severity,
    label: `${severity.toUpperCase()}${word === "" ? "" : ` ${word}`}`,
    title,
    body: body === title ? "" : body,
    facts: [...facts, ["alert", key]],
    key,
  };
}
