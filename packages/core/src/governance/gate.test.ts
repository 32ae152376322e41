import fc from "fast-check";
import { expect, test } from "vitest";
import { isAtLeast, severities } from "../model/Finding.ts";
import { anyFindings, findingOf } from "./cases.testkit.ts";
import { openGate } from "./gate.ts";

const [anomaly, damage] = [findingOf("anomaly"), findingOf("damage")];
const broken = findingOf("invariant");
const hard = findingOf("invariant", { hard: true });

test("GATE-01: anomaly and damage together open the gate, in whatever order, and are named", () => {
  expect(openGate([anomaly, damage], "high")).toEqual({ anomaly, damage });
  expect(openGate([damage, anomaly], "high")).toEqual({ anomaly, damage });
});

test("GATE-01: a broken invariant counts as damage, beside an anomaly", () => {
  expect(openGate([broken, anomaly], "high")).toEqual({ anomaly, damage: broken });
  expect(openGate([broken], "high")).toBeUndefined();
});

test("GATE-01: a hard invariant opens it alone and stands for both", () => {
  expect(openGate([hard], "high")).toEqual({ anomaly: hard, damage: hard });
});

test("GATE-01: `hard` means nothing on another class, and our own ill health opens nothing", () => {
  for (const cls of ["anomaly", "damage", "health"] as const)
    expect(openGate([findingOf(cls, { hard: true })], "high")).toBeUndefined();
  expect(openGate([findingOf("health"), damage], "high")).toBeUndefined();
});

test("GATE-01, INT-02: what cannot be reproduced opens nothing, neither as anomaly nor as damage nor as hard invariant", () => {
  const asked = { deterministic: false } as const;
  expect(openGate([findingOf("anomaly", asked), damage], "high")).toBeUndefined();
  expect(openGate([anomaly, findingOf("damage", asked)], "high")).toBeUndefined();
  expect(openGate([findingOf("invariant", { hard: true, ...asked })], "high")).toBeUndefined();
});

test("RESP-01: under a budget only an anomaly that is calibrated to it or stricter opens the gate; a hard invariant does", () => {
  const loose = findingOf("anomaly", { budgetPpm: 500 });
  const strict = findingOf("anomaly", { budgetPpm: 200 });
  expect(openGate([loose, strict, damage], "high", 200)).toEqual({ anomaly: strict, damage });
  expect(openGate([anomaly, loose, damage], "high", 200)).toBeUndefined();
  expect(openGate([anomaly, loose, damage, hard], "high", 200)).toEqual({ anomaly: hard, damage: hard });
  expect(openGate([anomaly, damage], "high")).toEqual({ anomaly, damage });
});

test("GATE-01: what is below the policy's severity does not count", () => {
  const faint = findingOf("anomaly", { severity: "medium" });
  expect(openGate([faint, damage], "high")).toBeUndefined();
  expect(openGate([faint, damage], "medium")).toEqual({ anomaly: faint, damage });
  expect(openGate([findingOf("invariant", { hard: true, severity: "medium" })], "high")).toBeUndefined();
});

test("GATE-01: the gate is shut exactly when anomaly or damage is missing and no hard invariant is broken", () => {
  const seen = { open: 0, shut: 0 };
  fc.assert(
    fc.property(anyFindings, fc.constantFrom(...severities), (findings, min) => {
      const strong = findings.filter((finding) => isAtLeast(finding.severity, min));
      const has = (...classes: string[]) => strong.some((finding) => classes.includes(finding.class));
      const isHardBroken = strong.some((finding) => finding.class === "invariant" && finding.hard);
      const mayAct = (has("anomaly") && has("damage", "invariant")) || isHardBroken;
      const gate = openGate(findings, min);
      expect(gate !== undefined).toBe(mayAct);
      seen[gate === undefined ? "shut" : "open"] += 1;
      if (gate === undefined) return;
      expect(strong).toContain(gate.anomaly);
      expect(strong).toContain(gate.damage);
      expect(gate.anomaly.class === "anomaly" || (gate.anomaly.class === "invariant" && gate.anomaly.hard)).toBe(true);
      expect(["damage", "invariant"]).toContain(gate.damage.class);
    }),
    { numRuns: 2_000, seed: 7 },
  );
  expect(Math.min(seen.open, seen.shut)).toBeGreaterThan(200);
});
