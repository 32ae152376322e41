import { type Finding, mostSevere, type Severity } from "@testudo/core/model/Finding";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { whyNoData } from "../incidents/dataFolder.ts";
import type { IncidentSlug } from "../incidents/incidents.ts";
import { type RecordedAttack, recordAttack } from "./recordAttack.ts";

if (whyNoData) test("judging incidents needs recorded data", (context) => context.skip(whyNoData));

interface Expected {
  slug: IncidentSlug;
  /** The most severe finding in the block of the attack. */
  worst: Severity;
  /** Detectors that say critical about a protected address, with the flags that they give as reason. */
  criticals: string[];
  bystanders: number;
  /** Bystanders about which a watcher of theirs says critical too. */
  drained: string[];
}

const LAVA_LP_POOL = "0x8e295789c9465487074a65b1ae9ce0351172393f";
const LAVA_LP = "0x10bda01ac4e644fd84a04dab01e15a5edcee46dd";
const LAVA_LP_RESERVE = "0x1e482f0606152890f84dd59617e13ec06581b45a";
const GAMMA_POOL = "0x3ab5dd69950a948c55d1fbfb7500bf92b4bd4c48";

const expected: Expected[] = [
  { slug: "predyfinance", worst: "critical", criticals: ["asset-drain Z1 Z2 Z3 Z5"], bystanders: 4, drained: [] },
  { slug: "radiantcapital", worst: "critical", criticals: ["asset-drain Z2 Z3 Z4"], bystanders: 41, drained: [] },
  { slug: "woofi", worst: "critical", criticals: ["asset-drain Z1 Z2 Z3 Z4 Z8"], bystanders: 29, drained: [] },
  {
    slug: "pikefinance",
    worst: "critical",
    criticals: ["admin-change", "asset-drain Z1 Z2 Z3 Z7"],
    bystanders: 0,
    drained: [],
  },
  { slug: "alkimiya-io", worst: "critical", criticals: ["asset-drain Z1 Z2 Z3 Z4 Z8"], bystanders: 2, drained: [] },
  { slug: "seneca", worst: "critical", criticals: ["asset-drain Z1 Z2 Z3"], bystanders: 2, drained: [] },
  // 0.9 % of the market's cash was lent at a stale price, against collateral, and sold: the proceeds are the gain.
  { slug: "compounduni", worst: "critical", criticals: ["asset-drain Z2 Z3 Z4"], bystanders: 12, drained: [] },
  // 80 % of a holding left in one call, by the contract's own rules, with valid signatures and no contract in between. What
  // tells it from a large withdrawal is who was paid: an account that never had coin to act with.
  { slug: "orbitchain", worst: "critical", criticals: ["asset-drain Z1 Z2 Z9"], bystanders: 1, drained: [] },
  // The pool is where the assets of the vault lie.
  { slug: "gamma", worst: "critical", criticals: ["asset-drain Z1 Z2 Z3 Z4"], bystanders: 13, drained: [GAMMA_POOL] },
  // The reserve of the LP token was emptied too, LP that was only borrowed was burned for all of the token's USDC, and the
  // pool lost the liquidity behind it.
  {
    slug: "lavalending",
    worst: "critical",
    criticals: ["asset-drain Z1 Z2 Z3 Z4"],
    bystanders: 49,
    drained: [LAVA_LP, LAVA_LP_RESERVE, LAVA_LP_POOL],
  },
];

describe.skipIf(whyNoData).each(expected)("incident $slug, protected with no configuration", (want) => {
  let recorded: RecordedAttack;
  let findings: Finding[];
  const during = () => findings.filter((finding) => finding.blockHash === recorded.attack.blockHash);

  beforeAll(async () => {
    recorded = await recordAttack(want.slug);
    findings = await recorded.judge(recorded.protect);
  });
  afterAll(() => recorded?.close());

  test(`its worst finding in the attack's own block is ${want.worst}`, () => {
    expect(mostSevere(during().map(({ severity }) => severity))).toBe(want.worst);
    expect([...new Set(during().filter(isCritical).map(describeFinding))].sort()).toEqual(want.criticals);
  });

  test("each critical finding names the attack and a protected address, and the deployment before raises none", () => {
    for (const { txHash, subject } of during().filter(isCritical)) {
      expect(txHash).toBe(recorded.attack.hash);
      expect(recorded.protect).toContain(subject);
    }
    expect(findings.filter((finding) => finding.blockHash !== recorded.attack.blockHash)).toEqual([]);
  });

  test("no detector fails or runs short of data", () => {
    expect(findings.filter((finding) => finding.class === "health")).toEqual([]);
  });

  test("DET-02: a second watcher says the same, to the byte", async () => {
    const again = await recorded.judge(recorded.protect);
    expect(again.map(({ id }) => id)).toEqual(findings.map(({ id }) => id));
  });

  test("of the other contracts that the attack touched, only those that lost are called drained", async () => {
    const bystanders = await recorded.bystanders();
    const drained: string[] = [];
    for (const bystander of bystanders) {
      const said = await recorded.judge([bystander]);
      if (said.some(isCritical)) drained.push(bystander);
    }
    expect({ bystanders: bystanders.length, drained: drained.sort() }).toEqual({
      bystanders: want.bystanders,
      drained: want.drained,
    });
  });
});

function isCritical({ severity }: Finding): boolean {
  return severity === "critical";
}

function describeFinding({ detector, evidence }: Finding): string {
  const flags = evidence.flags as readonly string[] | undefined;
  return flags === undefined ? detector : `${detector} ${flags.join(" ")}`;
}
