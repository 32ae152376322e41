// Findings, incidents and policies for the tests of this folder. Not shipped as API.
import fc from "fast-check";
import { type Finding, type FindingClass, severities } from "../model/Finding.ts";
import type { Hex } from "../model/Hex.ts";
import type { Incident } from "../model/Incident.ts";
import type { PausePermission, Policy } from "../model/Policy.ts";
import { hashOf, identify } from "../model/Record.ts";

export const vault: Hex = `0x${"aa".repeat(20)}`;
export const market: Hex = `0x${"ab".repeat(20)}`;
export const withdraw: Hex = "0x2e1a7d4d";
export const borrow: Hex = "0xc5ebeaec";
export const close: Hex = "0x43d726d6";
export const guardians: readonly Hex[] = [`0x${"01".repeat(20)}`, `0x${"02".repeat(20)}`, `0x${"03".repeat(20)}`];

export const permission: PausePermission = {
  target: vault,
  name: "Vault",
  selectors: [withdraw, borrow],
  exempt: [close],
  maxDurationSeconds: 21_600,
};

/** A policy that is allowed; `change` makes it another. */
export const policyBody: Omit<Policy, "id"> = {
  expiresAt: 10_000_000n,
  permissions: [permission],
  minSeverity: "high",
  guardians,
  quorum: 2,
  council: `0x${"cc".repeat(20)}`,
  breaker: `0x${"bb".repeat(20)}`,
  coolOffSeconds: 86_400,
  deadlineSeconds: 300,
  canaries: [],
};

export const hash: Hex = `0x${"11".repeat(32)}`;

export function findingOf(cls: FindingClass, change: Partial<Finding> = {}): Finding {
  return identify({
    kind: "Finding" as const,
    from: [],
    dedupKey: hashOf({ cls, ...change }),
    detector: `test-${cls}`,
    version: "1.0.0",
    class: cls,
    hard: false,
    severity: "critical" as const,
    reason: "test",
    chainId: 31_337,
    blockNumber: 100n,
    blockHash: hash,
    timestamp: 1_000_000n,
    phase: "live" as const,
    subject: vault,
    addresses: [],
    score: 1,
    evidence: {},
    runbook: "RUNBOOK.md",
    owner: "test",
    ...change,
  });
}

export function incidentOf(findings: readonly Finding[], change: Partial<Incident> = {}): Incident {
  return identify({
    kind: "Incident" as const,
    from: findings.map((finding) => finding.id),
    incident: hashOf("the incident"),
    state: "open" as const,
    severity: "critical" as const,
    subject: vault,
    addresses: [],
    findings: findings.map((finding) => finding.id),
    openedAtBlock: 100n,
    openedAt: 1_000_000n,
    lastAt: 1_000_000n,
    sequence: 0,
    ...change,
  });
}

const classes = ["anomaly", "damage", "invariant", "health"] as const;

/** Any findings at all, `hard` on whichever class. */
export const anyFindings = fc.array(
  fc
    .record({
      cls: fc.constantFrom(...classes),
      severity: fc.constantFrom(...severities),
      hard: fc.boolean(),
      score: fc.double({ min: 0, max: 1, noNaN: true }),
    })
    .map(({ cls, ...change }) => findingOf(cls, change)),
  { maxLength: 6 },
);

export const anySelector = fc.integer({ min: 0, max: 7 }).map((n): Hex => `0x0000000${n}`);
