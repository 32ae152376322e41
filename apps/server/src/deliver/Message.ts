import type { Severity } from "@testudo/core/model/Finding";
import type { Notice } from "@testudo/core/model/Notice";
import { openSelectorNames } from "../operator/namesOfSelector.ts";

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
  /** Of a digest: what its body names. */
  readonly digest: Notice["digest"];
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

const shownFunctions = 5;
const namesOf = openSelectorNames([]);

/** Four bytes may stand for several functions: a name is for the eye, and they are beside it. */
export function functionsOf({ selectors }: NonNullable<Notice["action"]>): [name: string, value: string] {
  const shown = selectors.slice(0, shownFunctions).map((selector) => {
    const names = namesOf(selector).join(" or ");
    return names === "" ? selector : `${names} (${selector})`;
  });
  const more = selectors.length - shown.length;
  return [
    selectors.length === 1 ? "function" : "functions",
    `${shown.join(", ")}${more > 0 ? ` and ${more} more` : ""}`,
  ];
}

/** The short name of the alert whose thread is `thread`, as people type it. */
export function keyOf(thread: string): string {
  return thread.slice(2, 10);
}

/** `notice` in words. */
export function messageOf(notice: Notice): Message {
  const { severity, transition, title, body, subject, txHash, detector, owner, runbook, action, digest } = notice;
  const word = words[transition] ?? transition.slice(0, 40);
  const facts: [string, string][] = [["block", `${notice.blockNumber} on chain ${notice.chainId}`]];
  if (action !== undefined) facts.push(["action", action.id.slice(0, 12)]);
  if (subject !== undefined && !/^0x0+$/.test(subject))
    facts.push([action === undefined ? "subject" : "target", subject]);
  if (action !== undefined) facts.push(functionsOf(action));
  if (txHash !== undefined) facts.push(["tx", txHash]);
  if (detector !== undefined) facts.push(["detector", detector]);
  if (owner !== undefined) facts.push(["owner", owner]);
  if (runbook !== "") facts.push(["runbook", runbook]);
  const key = keyOf(notice.thread);
  return {
    severity,
    label: `${severity.toUpperCase()}${word === "" ? "" : ` ${word}`}`,
    title,
    body: body === title ? "" : body,
    facts: [...facts, ["alert", key]],
    key,
    digest,
  };
}
