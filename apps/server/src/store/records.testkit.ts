import type { Action } from "@testudo/core/model/Action";
import type { Incident, IncidentState } from "@testudo/core/model/Incident";
import { hashOf, identify } from "@testudo/core/model/Record";
import type { Simulation } from "@testudo/core/model/Simulation";
import { blockRef, subject } from "./chain.testkit.ts";

export function incident(name: string, state: IncidentState, sequence: number): Incident {
  const times = { openedAtBlock: 1n, openedAt: 1_700_000_000n, lastAt: 1_700_000_000n + BigInt(sequence) };
  const about = {
    incident: hashOf(name),
    state,
    severity: "critical",
    subject,
    addresses: [subject],
    findings: [],
  } as const;
  return identify({ kind: "Incident", from: [], ...about, ...times, sequence } as const);
}

export function simulation(of: Action, passed = true): Simulation {
  const ref = blockRef(1);
  const calls = [{ name: "withdraw", expect: "reverts", succeeded: true, detail: "Paused" }] as const;
  const at = { blockNumber: ref.number, blockHash: ref.hash };
  return identify({
    kind: "Simulation",
    from: [of.id],
    action: of.id,
    passed,
    ...at,
    calls,
    note: "The attack fails after the pause.",
  } as const);
}
