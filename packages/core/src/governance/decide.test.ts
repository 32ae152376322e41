import fc from "fast-check";
import { expect, test } from "vitest";
import type { Playbook } from "../model/Playbook.ts";
import { hashOf } from "../model/Record.ts";
import {
  anyFindings,
  borrow,
  close,
  findingOf,
  guardians,
  hash,
  incidentOf,
  market,
  permission,
  policyBody,
  vault,
  withdraw,
} from "./cases.testkit.ts";
import { type DecideInput, decide } from "./decide.ts";
import { pausePlaybook } from "./pausePlaybook.ts";
import { coolOffKey, toPolicy } from "./policyCheck.ts";

const policy = toPolicy(policyBody);
const now = 1_000_000n;
const stop = pausePlaybook({ id: "stop", targets: [{ target: vault, selectors: [withdraw], durationSeconds: 3_600 }] });
const [anomaly, damage] = [findingOf("anomaly"), findingOf("damage")];

const inputOf = (change: Partial<DecideInput> = {}): DecideInput => ({
  chainId: 31_337,
  incident: incidentOf([anomaly, damage]),
  findings: [anomaly, damage],
  playbooks: [stop],
  policy,
  mode: "shadow",
  head: { number: 100n, hash, parentHash: hash, timestamp: now },
  coolOffUntil: () => undefined,
  standingRules: 0,
  begunOfLate: 0,
  derivedToday: 0,
  searchesToday: 0,
  isAsked: () => false,
  ...change,
});

const alertOnly = (change: Partial<DecideInput>) => {
  const { decision, actions } = decide(inputOf(change));
  expect(actions).toEqual([]);
  expect(decision.outcome).toBe("alert-only");
  return decision;
};

const planning = (...plans: ReturnType<Playbook["plan"]>): Playbook => ({ ...stop, plan: () => plans });
const pauseOf = (change: object) => ({
  type: "pause" as const,
  target: vault,
  selectors: [withdraw],
  durationSeconds: 3_600,
  ...change,
});

test("GATE-01: an action names anomaly, damage, incident and decision, and carries the policy's limits", () => {
  const { decision, actions } = decide(inputOf());
  expect(decision).toMatchObject({
    outcome: "propose",
    because: "playbook stop: test-anomaly and test-damage",
    playbook: "stop",
    policy: policy.id,
    anomaly: anomaly.id,
    damage: damage.id,
    from: [incidentOf([anomaly, damage]).id],
  });
  expect(actions).toHaveLength(1);
  expect(actions[0]).toMatchObject({
    from: [decision.id],
    evidence: decision.id,
    reason: hashOf("stop"),
    target: vault,
    selectors: [withdraw],
    until: now + 3_600n,
    deadline: now + 300n,
    quorum: 2,
    council: policy.council,
    anomaly: anomaly.id,
    damage: damage.id,
  });
});

test("RESP-01: without a policy nothing is proposed", () => {
  const decision = alertOnly({ policy: null });
  expect(decision.because).toBe("no policy is configured");
  expect(decision.policy).toBe("none");
});

test("RESP-07: under the kill switch nothing is proposed", () => {
  expect(alertOnly({ mode: "killed" }).because).toBe("the kill switch is on");
});

test("GATE-01: without damage nothing is proposed", () => {
  expect(alertOnly({ findings: [anomaly] }).because).toBe(
    "no anomaly together with damage at high or above, and no hard invariant",
  );
});

test("GATE-01: whatever the findings, an action stands only on an anomaly with damage, or on a hard invariant", () => {
  let proposals = 0;
  fc.assert(
    fc.property(anyFindings, (findings) => {
      const { decision, actions } = decide(inputOf({ findings }));
      expect(actions.length > 0).toBe(decision.outcome === "propose");
      for (const action of actions) {
        proposals += 1;
        const [a, d] = [action.anomaly, action.damage].map((id) => findings.find((finding) => finding.id === id));
        expect(a?.class === "anomaly" || (a?.class === "invariant" && a.hard)).toBe(true);
        expect(["damage", "invariant"]).toContain(d?.class);
      }
    }),
    { numRuns: 500, seed: 7 },
  );
  expect(proposals).toBeGreaterThan(50);
});

test("no playbook that matches is an alert, and the gate's findings stand on the decision", () => {
  const decision = alertOnly({ playbooks: [] });
  expect(decision.because).toBe("no playbook matches");
  expect([decision.anomaly, decision.damage]).toEqual([anomaly.id, damage.id]);
  expect(alertOnly({ incident: incidentOf([anomaly, damage], { severity: "high" }) }).because).toBe(
    "no playbook matches",
  );
});

test("a playbook that wants only to notify plans nothing on chain", () => {
  expect(alertOnly({ playbooks: [planning({ type: "notifyOnly" })] }).because).toBe("playbook stop plans nothing");
});

test("RESP-01: under an expired policy nothing is proposed", () => {
  const expired = toPolicy({ ...policyBody, expiresAt: now });
  expect(alertOnly({ policy: expired }).because).toBe("refused: policy expired at 1000000");
});

test("RESP-02: a playbook that wants to shut what reduces risk is refused", () => {
  expect(alertOnly({ playbooks: [planning(pauseOf({ selectors: [withdraw, close] }))] }).because).toBe(
    `refused: selector ${close} of Vault is not in the policy`,
  );
});

const coolingUntil = (until: bigint) => ({
  coolOffUntil: (asked: string) => (asked === coolOffKey("pause", vault, withdraw) ? until : undefined),
});

test("RESP-05: a plan that cools off is refused until the cool-off ends", () => {
  expect(alertOnly(coolingUntil(now + 1n)).because).toBe(`refused: ${withdraw} of ${vault} was acted on and cools off`);
  expect(decide(inputOf(coolingUntil(now))).decision.outcome).toBe("propose");
});

test("RESP-05: what cools off and is open again is left to people, who are told", () => {
  const { decision, limited } = decide(inputOf({ ...coolingUntil(now + 1n), isOver: () => true }));
  const told = `${withdraw} of ${vault} was acted on, is open again and cools off`;
  expect([decision.outcome, decision.because, limited]).toEqual(["alert-only", `refused: ${told}`, [told]]);
  expect(decide(inputOf(coolingUntil(now + 1n))).limited).toEqual([]);
});

test("RESP-05: a larger plan does not get round the cool-off: only what is new of it is proposed", () => {
  const playbooks = [planning(pauseOf({ selectors: [borrow, withdraw] }))];
  const { decision, actions } = decide(inputOf({ ...coolingUntil(now + 1n), playbooks }));
  expect(actions.map((action) => action.selectors)).toEqual([[borrow]]);
  expect(decision.because).toContain(`refused: ${withdraw} of ${vault} was acted on and cools off`);
});

test("RESP-01, RESP-11: an uncalibrated detector acts where the permission names no budget, and elsewhere people are told", () => {
  const second = { ...permission, target: market, name: "Market", budgetPpm: 200 };
  const policy = toPolicy({ ...policyBody, permissions: [permission, second] });
  const playbooks = [planning(pauseOf({}), pauseOf({ target: market }))];
  const { actions, limited, decision } = decide(inputOf({ policy, playbooks }));
  expect(actions.map(({ target }) => target)).toEqual([vault]);
  expect(limited).toEqual([
    `no anomaly is calibrated to a budget of 0.02 % or a stricter one, as pauses of ${market} need it`,
  ]);
  expect(decision.because).toContain(limited[0]!);
  const rare = findingOf("anomaly", { budgetPpm: 100 });
  const both = decide(inputOf({ policy, playbooks, findings: [anomaly, rare, damage] }));
  expect(both.actions.map(({ target, anomaly }) => [target, anomaly])).toEqual([
    [vault, anomaly.id],
    [market, rare.id],
  ]);
  expect(both.limited).toEqual([]);
});

test("RESP-05: two plans that share a selector propose it once", () => {
  const playbooks = [planning(pauseOf({ selectors: [withdraw] }), pauseOf({ selectors: [withdraw, borrow] }))];
  expect(decide(inputOf({ playbooks })).actions.map((action) => action.selectors)).toEqual([[withdraw], [borrow]]);
});

test("what the policy refuses of a plan is told, and the rest is proposed", () => {
  const playbooks = [planning(pauseOf({ target: market }), pauseOf({ selectors: [borrow] }), pauseOf({}))];
  const { decision, actions } = decide(inputOf({ playbooks }));
  expect(decision.because).toBe(
    `playbook stop: test-anomaly and test-damage; refused: target ${market} is not in the policy`,
  );
  expect(actions.map((action) => action.selectors)).toEqual([[borrow], [withdraw]]);
});

test("the first playbook that matches decides alone", () => {
  const second = pausePlaybook({ id: "second", targets: [pauseOf({ selectors: [borrow] })] });
  expect(decide(inputOf({ playbooks: [stop, second] })).decision.playbook).toBe("stop");
  expect(decide(inputOf({ playbooks: [second, stop] })).decision.playbook).toBe("second");
});

test("DET-02: the same input gives the same decision and actions, id for id", () => {
  expect(decide(inputOf())).toEqual(decide(inputOf()));
  expect(
    decide(inputOf({ policy: toPolicy({ ...policyBody, guardians: [...guardians].reverse() }) })).decision.id,
  ).not.toBe(decide(inputOf()).decision.id);
});

const throwing: Playbook = {
  ...stop,
  id: "broken",
  matches() {
    throw new Error("no such finding\n- of mine");
  },
};

test("DET-05: a playbook that throws is passed over and named to people, and the next one answers", () => {
  const { decision, actions, limited } = decide(inputOf({ playbooks: [throwing, stop] }));
  expect(actions.map(({ playbook }) => playbook)).toEqual(["stop"]);
  expect(limited).toEqual(["playbook broken failed: no such finding"]);
  expect(decision.because).toContain("refused: playbook broken failed: no such finding");
  const alone = decide(inputOf({ playbooks: [throwing] }));
  expect([alone.actions, alone.limited, alone.decision.because]).toEqual([[], limited, limited[0]]);
});

test.each([
  ["nothing", undefined],
  ["what is no list", "pause"],
  ["a hole", [null]],
  ["what loosens", [{ type: "unpause", target: vault }]],
  ["a pause of no address", [pauseOf({ target: "Vault" })]],
  ["a pause of no functions", [pauseOf({ selectors: "all" })]],
  ["a pause without end", [pauseOf({ durationSeconds: Number.NaN })]],
  ["a rule without one", [{ type: "guardRule", durationSeconds: 60 }]],
])("error: a playbook that plans %s is passed over and named to people", (_, plans) => {
  const { decision, actions, limited } = decide(inputOf({ playbooks: [{ ...stop, plan: () => plans as never }] }));
  expect([decision.outcome, actions, limited]).toEqual([
    "alert-only",
    [],
    ["playbook stop failed: it plans what cannot be meant"],
  ]);
});

test("DET-05: a playbook that throws what has no text is passed over as well", () => {
  const matches = () => {
    throw Object.create(null);
  };
  const { actions, limited } = decide(inputOf({ playbooks: [{ ...stop, id: "odd", matches }, stop] }));
  expect([actions.length, limited]).toEqual([1, ["playbook odd failed: something that has no text"]]);
});
