import { zeroConfigDetectors } from "@testudo/core/detectors/zeroConfig";
import { openGate } from "@testudo/core/governance/gate";
import { addr, frame, holdings, runDetector, transferLog } from "@testudo/core/model/detectorCase.testkit";
import type { Finding } from "@testudo/core/model/Finding";
import { toWord } from "@testudo/core/model/Hex";
import { expect, test } from "vitest";
import { policySchema } from "./policySchema.ts";

const [vault, thief, contract, lender, usd, weth] = [
  addr(0x1001),
  addr(0xbad),
  addr(0xbad1),
  addr(0x1e4d),
  addr(0x701),
  addr(0x702),
];

/** What the detectors of a watch without configuration say of a flash loan, a re-entry and a vault that is emptied. */
function findingsOfADrain(): readonly Finding[] {
  const pay = frame({
    from: vault,
    to: usd,
    input: `0xa9059cbb${toWord(contract)}${toWord(1_000n)}`,
    output: `0x${toWord(1n)}`,
  });
  const back = frame({ from: vault, to: contract, calls: [frame({ from: contract, to: vault, input: "0x22222222" })] });
  const entry = frame({ from: contract, to: vault, input: "0x11111111", calls: [back, pay] });
  const blocks = [
    { txs: [{ from: thief, to: null, trace: frame({ type: "CREATE" as const, from: thief, to: contract }) }] },
    {
      txs: [
        {
          from: thief,
          to: contract,
          trace: frame({ from: thief, to: contract, calls: [entry] }),
          logs: [
            transferLog(weth, lender, contract, 5n),
            transferLog(weth, contract, lender, 5n),
            transferLog(usd, vault, contract, 1_000n),
          ],
        },
      ],
      state: holdings([[vault, usd, 1_000n, 0n]]),
    },
  ];
  return zeroConfigDetectors().flatMap((detector) =>
    runDetector(detector, [vault], blocks)[1]!.map(
      (draft) => ({ ...draft, class: detector.meta.class, hard: false }) as unknown as Finding,
    ),
  );
}

test("GATE-01: with a policy's defaults the gate opens for a drain that a watch without configuration sees", () => {
  const policy = policySchema.parse({
    expiresAt: "2027-03-31",
    permissions: [{ target: vault, name: "Vault", selectors: ["0x11111111"], maxDurationSeconds: 3_600 }],
    guardians: [addr(1), addr(2), addr(3)],
    quorum: 2,
    council: addr(4),
    breaker: addr(5),
  });
  const gate = openGate(findingsOfADrain(), policy.minSeverity);
  expect([gate?.anomaly.class, gate?.damage.class]).toEqual(["anomaly", "damage"]);
});

test("LAB-22: bounds for derived rules are read with their defaults; without them none is derived", () => {
  const permission = { target: vault, selectors: ["0x11111111"], kinds: ["ARG_MAX"], maxDurationSeconds: 3_600 };
  const amounts = [{ selector: "0x11111111", argIndex: 0, lowestMax: "1000000000000000000000" }];
  const rulesOf = (derived: object | undefined, permissions: object[] = []) =>
    policySchema.safeParse({
      expiresAt: "2027-03-31",
      permissions: [{ target: vault, name: "Vault", selectors: ["0x11111111"], maxDurationSeconds: 3_600 }],
      guardians: [addr(1), addr(2), addr(3)],
      quorum: 2,
      council: addr(4),
      breaker: addr(5),
      rules: { program: addr(6), permissions, atOnce: 1, ...(derived === undefined ? {} : { derived }) },
    });
  expect(rulesOf({ permissions: [{ ...permission, amounts }], aDay: 2 }).data?.rules?.derived).toEqual({
    permissions: [{ ...permission, oracles: [], amounts: [{ ...amounts[0], lowestMax: 10n ** 21n }] }],
    aDay: 2,
    leastHonest: 5,
    lookBackBlocks: 5_000,
    budgetMs: 20_000,
  });
  expect(rulesOf(undefined, [permission]).data?.rules).not.toHaveProperty("derived");
  expect(rulesOf(undefined).success).toBe(false);
  expect(rulesOf({ permissions: [permission] }).success).toBe(false);
  expect(rulesOf({ permissions: [permission], aDay: 25 }).success).toBe(false);
  expect(
    rulesOf({ permissions: [{ ...permission, amounts: [{ ...amounts[0], lowestMax: -1 }] }], aDay: 1 }).success,
  ).toBe(false);
});

test("LAB-22: bounds for rules are read, and refused where a rule would shut a way out of risk or last too long", () => {
  const permission = { target: vault, selectors: ["0x11111111"], kinds: ["ARG_MAX"], maxDurationSeconds: 3_600 };
  const policyOf = (change: object) =>
    policySchema.safeParse({
      expiresAt: "2027-03-31",
      permissions: [
        { target: vault, name: "Vault", selectors: ["0x11111111"], exempt: ["0x22222222"], maxDurationSeconds: 3_600 },
      ],
      guardians: [addr(1), addr(2), addr(3)],
      quorum: 2,
      council: addr(4),
      breaker: addr(5),
      rules: { program: addr(6), permissions: [{ ...permission, ...change }], atOnce: 2 },
    });
  expect(policyOf({}).data?.rules).toEqual({ program: addr(6), permissions: [permission], atOnce: 2 });
  expect(policyOf({ selectors: ["0x22222222"] }).success).toBe(false);
  expect(policyOf({ maxDurationSeconds: 36 * 3_600 + 1 }).success).toBe(false);
  expect(policyOf({ kinds: ["MAYBE"] }).success).toBe(false);
});

test("RESP-01: a rate limit is read, and refused where it limits nothing or is half written", () => {
  const written = (rateLimit: unknown) =>
    policySchema.safeParse({
      expiresAt: "2099-03-31",
      permissions: [{ target: vault, name: "Vault", selectors: ["0x11111111"], maxDurationSeconds: 3_600 }],
      guardians: [addr(1), addr(2)],
      ...{ quorum: 2, council: addr(4), breaker: addr(5), rateLimit },
    });
  expect(written({ actions: 3, seconds: 86_400 }).data?.rateLimit).toEqual({ actions: 3, seconds: 86_400 });
  expect(written(undefined).data).not.toHaveProperty("rateLimit");
  for (const bad of [{ actions: 3 }, { actions: 0, seconds: 60 }, { actions: 3, seconds: 31 * 86_400 }, 3, null])
    expect(written(bad).success).toBe(false);
});

test("FIND-05: how deep causes have to lie is read for pauses and rules, and nothing else passes for it", () => {
  const written = (finality: unknown, ruleFinality?: unknown) =>
    policySchema.safeParse({
      expiresAt: "2099-03-31",
      permissions: [{ target: vault, name: "Vault", selectors: ["0x11111111"], maxDurationSeconds: 3_600, finality }],
      guardians: [addr(1), addr(2)],
      ...{ quorum: 2, council: addr(4), breaker: addr(5), deadlineSeconds: 7 * 24 * 3_600 },
      rules: {
        ...{ program: addr(6), atOnce: 1 },
        permissions: [
          {
            target: vault,
            selectors: ["0x11111111"],
            kinds: ["ARG_MAX"],
            maxDurationSeconds: 60,
            finality: ruleFinality,
          },
        ],
      },
    });
  for (const good of [0, 12, 10_000, "finalized", undefined] as const) {
    const { data } = written(good, good);
    const all = [...(data?.permissions ?? []), ...(data?.rules?.permissions ?? [])];
    expect(all.map(({ finality }) => finality)).toEqual([good, good]);
  }
  for (const bad of [-1, 10_001, 1.5, "safe", "12", null]) {
    expect(written(bad).success).toBe(false);
    expect(written(undefined, bad).success).toBe(false);
  }
});
