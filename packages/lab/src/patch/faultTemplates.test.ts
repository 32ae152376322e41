import type { Hex } from "@testudo/core/model/Hex";
import { describe, expect, test } from "vitest";
import type { Capsule } from "../record/Capsule.ts";
import {
  alice,
  bob,
  ether,
  faultSources,
  type Makes,
  type Step,
  savingsSources,
  tellStory,
  thief,
} from "./faultStage.testkit.ts";
import { proposePatch } from "./proposePatch.ts";

/** Every selector is a way out, so that no guard rule is tried. */
async function upgradesFor(capsule: Capsule, source = faultSources) {
  const exempt = [...new Set((capsule.transactions ?? []).map(({ input }) => input.slice(0, 10) as Hex))];
  let ticks = 0;
  const options = { source, enough: 99, now: () => ++ticks };
  // Of a call by another contract the selector is not among the transactions'.
  const { proposals, scorecard } = await proposePatch(capsule, { ...options, exempt: [...exempt, ...inner] });
  return {
    held: proposals.map(({ patch }) => patch.name),
    lost: proposals.map(({ report }) => [report.attack.lossesBefore.length > 0, report.attack.losses.length]),
    changed: proposals.flatMap(({ report }) => report.benign.changed),
    declined: Object.fromEntries(scorecard.declined.map(({ template, why }) => [template, why])),
    tried: scorecard.tried,
  };
}

const inner: readonly Hex[] = ["0xc5ebeaec", "0x88ffe867"];
const by = (
  who: Step["by"],
  on: string,
  name?: string,
  args: readonly unknown[] = [],
  more: Partial<Step> = {},
): Step => (name === undefined ? { by: who, on, ...more } : { by: who, on, name, args, ...more });
const attack = { role: "attack" } as const;

describe("LAB-21: a fault is mended in the source, the attack fails and honest calls stay as they were", () => {
  test("virtual shares: who comes first and gives to the pot does not take the second one's deposit", async () => {
    const capsule = await tellStory([["Pot", () => []]], "Pot", () => [
      by(alice, "Pot", "deposit", [], { value: 2n * ether }),
      by(alice, "Pot", "redeem", [2n * ether]),
      by(thief, "Pot", "deposit", [], { value: 1n, ...attack }),
      by(thief, "Pot", undefined, [], { value: 100n * ether, ...attack }),
      by(bob, "Pot", "deposit", [], { value: 150n * ether }),
      by(thief, "Pot", "redeem", [1n], attack),
    ]);
    const { held, lost, changed } = await upgradesFor(capsule);
    expect(held).toEqual(["virtual shares in deposit, redeem"]);
    expect(lost).toEqual([[true, 0]]);
    expect(changed).toEqual([]);
  });

  test("virtual shares: of a vault on OpenZeppelin's that left them out", async () => {
    const makes: Makes = [
      ["Token", () => ["USD", 6]],
      ["SavingsVault", ({ Token }) => [Token]],
    ];
    const capsule = await tellStory(makes, "SavingsVault", ({ SavingsVault: vault }) => [
      ...[alice, bob, thief].flatMap((one) => [
        by(alice, "Token", "mint", [one, 1_000_000n]),
        by(one, "Token", "approve", [vault, 10n ** 12n]),
      ]),
      by(alice, "SavingsVault", "deposit", [5_000n, alice]),
      by(alice, "SavingsVault", "redeem", [5_000n, alice, alice]),
      by(thief, "SavingsVault", "deposit", [1n, thief], attack),
      by(thief, "Token", "transfer", [vault, 100_000n], attack),
      by(bob, "SavingsVault", "deposit", [150_000n, bob]),
      by(thief, "SavingsVault", "redeem", [1n, thief, thief], attack),
    ]);
    const { held, lost, changed } = await upgradesFor(capsule, savingsSources);
    expect(held).toEqual(["virtual shares in _convertToShares, _convertToAssets"]);
    expect(lost).toEqual([[true, 0]]);
    expect(changed).toEqual([]);
  });

  test("rounding: what is paid out for no share costs one", async () => {
    const capsule = await tellStory([["Dear", () => [], 50n * ether]], "Dear", () => [
      by(alice, "Dear", "deposit", [], { value: 10n * ether }),
      by(alice, "Dear", "withdraw", [5n * ether]),
      by(thief, "Dear", "withdraw", [4n * ether], attack),
    ]);
    const { held, lost, changed } = await upgradesFor(capsule);
    expect(held).toEqual(["rounding in withdraw"]);
    expect(lost).toEqual([[true, 0]]);
    expect(changed).toEqual([]);
  });

  test("health check: security that a debt needs is not taken back", async () => {
    const capsule = await tellStory([["Pawn", () => [], 50n * ether]], "Pawn", () => [
      by(alice, "Pawn", "pledge", [], { value: 10n * ether }),
      by(alice, "Pawn", "borrow", [4n * ether]),
      by(alice, "Pawn", "reclaim", [5n * ether]),
      by(thief, "Pawn", "pledge", [], { value: 10n * ether, ...attack }),
      by(thief, "Pawn", "borrow", [8n * ether], attack),
      by(thief, "Pawn", "reclaim", [10n * ether], attack),
    ]);
    const { held, lost, changed } = await upgradesFor(capsule);
    expect(held).toContain("health check in reclaim");
    expect(held.every((name) => name.startsWith("health check in"))).toBe(true);
    expect(held).not.toContain("health check in pledge");
    expect(lost[0]).toEqual([true, 0]);
    expect(changed).toEqual([]);
  });

  const spot: Makes = [
    ["Pool", () => [], 100n * ether],
    ["Spot", ({ Pool }) => [Pool], 500n * ether],
    ["Pumper", () => []],
  ];
  const honest = (Spot: Hex): readonly Step[] => [
    by(alice, "Pool", "buy", [], { value: 10n * ether }),
    by(alice, "Pool", "give", [Spot, 800n]),
    by(alice, "Spot", "pledge"),
    by(alice, "Spot", "borrow", [4n * ether], { later: 1_000n }),
  ];

  test("oracle delay: what a trade made of the price in this block does not count", async () => {
    const capsule = await tellStory(spot, "Spot", ({ Pool, Spot }) => [
      ...honest(Spot!),
      by(thief, "Pumper", "pump", [Pool, Spot, 200n * ether], { value: 2_000n * ether, ...attack }),
    ]);
    const { held, lost, changed } = await upgradesFor(capsule);
    expect(held[0]).toBe("oracle delay in pledge, borrow, 1 s after the update");
    expect(lost[0]).toEqual([true, 0]);
    expect(changed).toEqual([]);
  });

  const desk: Makes = [
    ["Feed", () => []],
    ["Desk", ({ Feed }) => [Feed, [alice, thief]], 500n * ether],
  ];

  test.each([
    ["a price of zero", 0n, 1n],
    ["a price of a day and a half ago", 2_000n, 130_000n],
  ])("oracle sanity: nothing is lent by %s", async (_, answer, later) => {
    const isStale = answer > 0n;
    const capsule = await tellStory(desk, "Desk", () => [
      by(alice, "Desk", "borrow", [2n * ether]),
      ...(isStale ? [] : [by(bob, "Feed", "set", [answer])]),
      by(thief, "Desk", "borrow", [(isStale ? 10n : 400n) * ether], { later, ...attack }),
      by(bob, "Feed", "set", [4_000n]),
      by(alice, "Desk", "borrow", [ether]),
    ]);
    const { held, lost, changed } = await upgradesFor(capsule);
    expect(held).toContain("oracle sanity in borrow, at most 90000 s old");
    expect(held.every((name) => name.startsWith("oracle sanity"))).toBe(true);
    expect(lost[0]).toEqual([true, 0]);
    expect(changed).toEqual([]);
  });

  test("a template that does not fit says why and makes no candidate", async () => {
    const capsule = await tellStory([["Dear", () => [], 50n * ether]], "Dear", () => [
      by(thief, "Dear", "withdraw", [4n * ether], attack),
    ]);
    const { declined, tried } = await upgradesFor(capsule);
    expect(tried).toBe(1);
    expect(declined).toMatchInlineSnapshot(`
      {
        "access check": "the contract has no owner of its own",
        "health check": "the contract has no view of its own that tells whether one account is healthy",
        "initialiser guard": "the attack called no initialiser",
        "oracle delay": "no price is read from outside",
        "oracle sanity": "no price is read from outside",
        "reentrancy guard": "the attack did not come back in",
        "virtual shares": "nothing is multiplied by the whole of the shares and divided by that of the assets, nor the other way round",
      }
    `);
  });
});
