import { describeRule } from "@testudo/core/model/GuardRule";
import type { Hex } from "@testudo/core/model/Hex";
import { timeText } from "@testudo/core/model/timeText";
import { escapeLine } from "../deliver/escapeText.ts";
import { attackCallName } from "./attackCallName.ts";
import type { Proposal } from "./Proposal.ts";

/** Nothing is decided by one guardian, whatever his council would take (RESP-01). */
export const leastSigners = 2;

/** What the signature would allow, line by line, for a person. Made from the action's fields, not from the server's words. */
export function describeProposal(
  proposal: Proposal,
  namesOf: (selector: Hex) => readonly string[],
  now: bigint,
): readonly string[] {
  const { action, simulation, findings } = proposal;
  return [
    `${action.type === "pause" ? "Pause" : "Guard rule"} on chain ${action.chainId}`,
    `  target    ${action.target}`,
    ...action.selectors.map(
      (selector) =>
        `  function  ${selector}  ${namesOf(selector).join(" or ") || "unknown: compare it with the contract's ABI"}`,
    ),
    ...(action.type === "pause" ? [] : [`  rule      ${describeRule(action.rule)}`, `  program   ${action.program}`]),
    `  until     ${timeText(action.until)} (${durationOf(action.until - now)} from now; it ends by itself)`,
    `  council   ${action.council}`,
    `  sign by   ${timeText(action.deadline)} (${durationOf(action.deadline - now)} left)`,
    `  signers   ${signersText(proposal)}`,
    `  action    ${action.id}`,
    `  evidence  ${action.evidence}`,
    `  reason    ${action.reason} (playbook "${escapeLine(action.playbook, 80)}")`,
    "Why",
    ...findings.map(
      (finding) =>
        `  ${finding.severity.toUpperCase()} ${escapeLine(finding.detector, 80)}: ${escapeLine(finding.reason)}`,
    ),
    ...(findings.length === 0 ? [`  anomaly ${action.anomaly}, damage ${action.damage} (not told by the server)`] : []),
    ...(simulation === undefined ? ["Not simulated"] : simulationLines(simulation)),
    "Nothing else: no funds move.",
  ];
}

// A program sets a rule without anybody's signature; guardians sign for taking it back, and how many the council says.
function signersText({ action, signers }: Proposal): string {
  if (action.type !== "pause") return `m1 of the council take it back, ${leastSigners} at least; none set it`;
  return `${signers.length} of ${action.quorum} needed${signers.length > 0 ? `: ${signers.join(", ")}` : ""}`;
}

function simulationLines({ passed, blockNumber, note, calls }: NonNullable<Proposal["simulation"]>): readonly string[] {
  return [
    `Tried on a fork of block ${blockNumber}: ${passed ? "passed" : "FAILED"}. ${escapeLine(note)}`,
    ...calls.map(({ name, expect, succeeded, detail }) => {
      const isAsExpected = succeeded === (expect === "succeeds");
      return `  ${isAsExpected ? "ok  " : "FAIL"} ${escapeLine(name, 80)} ${succeeded ? "succeeds" : "reverts"}${detail === "" ? "" : `: ${escapeLine(detail, 120)}`}`;
    }),
    ...(calls.some(({ name }) => name === attackCallName)
      ? []
      : [
          "WARNING: nothing of the attack was played again. The trial shows that the pause can be set, not that it stops anything.",
        ]),
  ];
}

function durationOf(seconds: bigint): string {
  if (seconds <= 0n) return "over";
  const [days, hours, minutes] = [seconds / 86_400n, (seconds / 3_600n) % 24n, (seconds / 60n) % 60n];
  const parts = [
    days > 0n ? `${days} d` : "",
    hours > 0n ? `${hours} h` : "",
    minutes > 0n ? `${minutes} min` : "",
    seconds < 60n ? `${seconds} s` : "",
  ];
  return parts.filter((part) => part !== "").join(" ");
}
