import { invariant } from "@testudo/core/detectors/invariant";
import { zeroConfigDetectors } from "@testudo/core/detectors/zeroConfig";
import { toPolicy } from "@testudo/core/governance/policyCheck";
import { rulePlaybook } from "@testudo/core/governance/rulePlaybook";
import { type DetectorUse, useDetector } from "@testudo/core/model/Detector";
import { type Address, type Hex, toWord } from "@testudo/core/model/Hex";
import { topic } from "@testudo/core/model/KnownSignature";
import type { Canary } from "@testudo/core/model/Policy";
import type { Program } from "@testudo/core/model/Program";
import { functionSelector } from "@testudo/core/model/signatureHash";
import { z } from "zod";

/** What the program has to know of a deployment. */
export interface PawnProgramParams {
  readonly chainId: number;
  readonly pawn: Address;
  readonly gold: Address;
  readonly pausable: readonly Hex[];
  readonly exempt: readonly Hex[];
  readonly council: Address;
  readonly breaker: Address;
  readonly guardians: readonly Address[];
  /** The key that sends guard rules. */
  readonly program: Address;
  readonly canaries: readonly Canary[];
}

export const reclaim = functionSelector("reclaim(uint256)");
/** More than this at once is unusual, in the token's smallest unit. */
export const largeReclaim = 1_000_000_000n;
const seconds = 6 * 3_600;
/** So much may be taken back at once under every derived rule. */
const promised = 500_000_000n;

/** The defence: a rule that is derived from the attack, by itself, and a pause for the guardians to sign. */
export function createProgram(params: PawnProgramParams): Program {
  const { chainId, pawn: target, pausable, exempt, council, breaker, guardians, canaries, program } = params;
  const ruled = {
    ...{ target, selectors: [reclaim], kinds: ["ARG_MAX" as const], maxDurationSeconds: seconds },
    ...{ oracles: [], amounts: [{ selector: reclaim, argIndex: 0, lowestMax: promised }] },
  };
  const derived = { permissions: [ruled], aDay: 1, leastHonest: 3, lookBackBlocks: 1_000, budgetMs: 60_000 };
  return {
    chainId,
    watched: [target],
    detectors: [covered(params), largeOne(params), ...zeroConfigDetectors()],
    playbooks: [
      rulePlaybook({
        id: "find-a-rule",
        derive: [{ target, durationSeconds: seconds }],
        pauses: [{ target, selectors: pausable, durationSeconds: seconds }],
      }),
    ],
    policy: toPolicy({
      expiresAt: 1_900_000_000n,
      permissions: [{ target, name: "Pawn", selectors: pausable, exempt, maxDurationSeconds: seconds }],
      minSeverity: "high",
      guardians,
      quorum: 2,
      council,
      breaker,
      coolOffSeconds: 24 * 3_600,
      deadlineSeconds: 300,
      canaries,
      rules: { program, permissions: [], atOnce: 1, derived },
    }),
  };
}

/** Damage: the debts are more than four fifths of the gold that is there. */
function covered({ pawn, gold }: PawnProgramParams): DetectorUse {
  return invariant({
    id: "pawn-covered",
    hard: true,
    reads: () => [
      { kind: "call", at: "block", to: pawn, data: functionSelector("totalDebt()") },
      { kind: "call", at: "block", to: gold, data: `${functionSelector("balanceOf(address)")}${toWord(pawn)}` },
    ],
    predicate: ([debt, held], c) => {
      const before = c.phase === "history" && !(debt?.ok === true && debt.value !== "0x");
      const holds =
        before || (debt?.ok === true && held?.ok === true && BigInt(debt.value) * 10n <= BigInt(held.value) * 8n);
      return { holds, reason: "Debts are not covered by the gold that is there.", evidence: {} };
    },
  });
}

/** Anomaly: more gold leaves in one transfer than anybody honest takes back. */
function largeOne({ pawn, gold }: PawnProgramParams): DetectorUse {
  return useDetector({
    meta: {
      id: "large-reclaim",
      version: "1.0.0",
      class: "anomaly",
      needs: { all: ["L"] },
      finality: 3,
      runbook: "RUNBOOK.md",
      owner: "pawn",
    },
    params: z.object({}).strict(),
    defaults: {},
    detect: (c) => {
      for (const { tx, logs } of c.txs)
        for (const { address, topics, data } of logs)
          if (
            address === gold &&
            topics[0] === topic.transfer &&
            topics[1] === `0x${toWord(pawn)}` &&
            BigInt(data) > largeReclaim
          )
            c.finding({
              severity: "critical",
              reason: `${BigInt(data)} of gold left at once.`,
              subject: pawn,
              txHash: tx.hash,
              key: [tx.hash],
              score: 1,
              evidence: { amount: BigInt(data) },
            });
    },
  });
}
