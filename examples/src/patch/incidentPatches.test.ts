// Recorded incidents answered by guard rules, with honest use of ours beside the attack; the best rule is tried again on an
// engine that is not ours.
import { join } from "node:path";
import type { OpenEvm } from "@testudo/core/model/Evm";
import type { NodeEvm } from "@testudo/lab/engine/openNodeEvm";
import { playBaseline } from "@testudo/lab/patch/playBaseline";
import { type Proposed, proposePatch } from "@testudo/lab/patch/proposePatch";
import { simulatePatch } from "@testudo/lab/patch/simulatePatch";
import { anvilPeer, openAnvil } from "testudo/capsule/openAnvil";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { dataFolder, whyNoData } from "../incidents/dataFolder.ts";
import { type IncidentCapsule, incidentCapsules } from "./incidentCapsules.ts";

if (whyNoData !== undefined) console.warn(`Skipped: ${whyNoData}`);

const nodes: NodeEvm[] = [];
const onAnvil: OpenEvm = async (source, block) => {
  const evm = await openAnvil(source, block);
  nodes.push(evm);
  return evm;
};

describe.skipIf(whyNoData !== undefined)("recorded incidents (set TESTUDO_DATA to run)", () => {
  const answered: (IncidentCapsule & { readonly proposed: Proposed })[] = [];

  beforeAll(async () => {
    const now = () => performance.now();
    for (const incident of incidentCapsules(join(dataFolder(), "incidents"))) {
      const { capsule, holders } = incident;
      answered.push({ ...incident, proposed: await proposePatch(capsule, { holders, enough: 1, now }) });
    }
  });
  afterAll(async () => {
    for (const node of nodes.splice(0)) await node.close();
  });

  test("LAB-21: three attacks are each stopped by a rule on the victim behind a gate, found without a person", () => {
    expect(
      answered.map(({ slug, proposed }) => {
        const { patch, report } = proposed.proposals[0]!;
        const rules = patch.kind === "guardRule" ? patch.rules : [];
        const [rule] = rules;
        return [slug, rules.length, rule!.kind, rule!.selector, rule!.argIndex, report.enforcedBy[0]!.by];
      }),
    ).toMatchInlineSnapshot(`
      [
        [
          "pikefinance",
          1,
          "DENY",
          "0xfb5e556c",
          0,
          "gate",
        ],
        [
          "seneca",
          1,
          "ARG_MAX",
          "0x568d8cd9",
          10,
          "gate",
        ],
        [
          "compounduni",
          1,
          "ARG_MAX",
          "0xc5ebeaec",
          0,
          "gate",
        ],
      ]
    `);
  });

  test("LAB-20: what was taken before stays, and five honest calls at least come out as they did", () => {
    for (const { proposed } of answered) {
      const { attack, benign, reversal } = proposed.proposals[0]!.report;
      expect(attack.lossesBefore).toHaveLength(1);
      expect(attack.losses).toEqual([]);
      expect(benign.transactions).toBeGreaterThanOrEqual(5);
      expect(benign.changed).toEqual([]);
      expect(reversal).toMatchObject({ clears: true, expires: true });
    }
  });

  test("LAB-20: honest calls succeed where nobody attacks, or they would show nothing", async () => {
    for (const { capsule, holders } of answered) {
      const { peaceful } = await playBaseline(capsule, { holders });
      expect(peaceful.filter(({ status }) => status !== "succeeded")).toEqual([]);
    }
  });

  test("LAB-20: an adversary on the patched state finds nothing that the best rule makes possible", async () => {
    const adversary = { calls: 1_000, seed: 1, peer: anvilPeer };
    for (const { capsule, holders, proposed } of answered) {
      const report = await simulatePatch(await playBaseline(capsule, { holders }), proposed.proposals[0]!.patch, {
        adversary,
      });
      expect(report).toMatchObject({ ok: true, adversary: { ran: true } });
    }
  });

  test("LAB-20: anvil comes to the same verdict on the best rule, against what it plays itself", async () => {
    for (const { capsule, holders, proposed } of answered) {
      const { patch, report } = proposed.proposals[0]!;
      const baseline = await playBaseline(capsule, { holders, openEvm: onAnvil });
      const theirs = await simulatePatch(baseline, patch, { openEvm: onAnvil });
      expect(theirs.attack).toEqual(report.attack);
      expect([theirs.ok, theirs.benign, theirs.reversal]).toEqual([true, report.benign, report.reversal]);
    }
  });
});
