import { keccak256 } from "viem/utils";
import { describe, expect, test } from "vitest";
import { playBaseline } from "./playBaseline.ts";
import { alice, bob, callAccomplice, callTill, ether, keeper, thief } from "./tillStage.testkit.ts";
import { openTillTrials } from "./tillTrials.testkit.ts";

const { stage, capsule, robbery, rulesOf, simulated } = await openTillTrials();

describe("LAB-20: a guard rule behind a gate, which takes gas of its own", () => {
  const gwei = 10n ** 9n;
  const useless = () => rulesOf({ kind: "DENY", selector: "0x12345678" });
  const allThat = (gas: bigint) => 1_000n * ether - gas * gwei;

  test("stops nobody who has not a wei more than he needs", async () => {
    const staked = stage.capsule([
      callAccomplice(stage, thief, "stake", [], { value: allThat(100_000n), gas: 100_000n, gasPrice: gwei }),
      callAccomplice(stage, keeper, "takeWithStake", [400n * ether]),
    ]);
    expect((await simulated(useless(), {}, staked)).attack).toMatchObject({ stopped: false, failed: 0 });
    const denied = (await simulated(rulesOf({ kind: "DENY" }), {}, staked)).attack;
    expect(denied).toMatchObject({ stopped: true, failed: 1, losses: [] });
  });

  test("stops nobody who calls often, with little gas to spare", async () => {
    const often = (gas: bigint) =>
      stage.capsule([callAccomplice(stage, thief, "takeOften", [2n * ether, 200n], { gas })]);
    const { attacked } = await playBaseline(often(9_000_000n));
    const enough = (attacked[0]!.gasUsed * 110n) / 100n;
    const passed = rulesOf({ kind: "ARG_MAX", bound: 400n * ether });
    expect((await simulated(passed, {}, often(enough))).attack).toMatchObject({ stopped: false, failed: 0 });
  });

  test("shuts out no user who sends all that he has", async () => {
    const all = callTill(stage, bob, "pay", [2n], { value: allThat(200_000n), gasPrice: gwei });
    const report = await simulated(
      rulesOf({ kind: "ARG_MAX", bound: 10n * ether }),
      {},
      stage.capsule([all, robbery()]),
    );
    expect(report).toMatchObject({ ok: true, benign: { transactions: 1, changed: [] } });
  });

  test("stops an attack whose accomplice goes empty-handed, though no call of it fails", async () => {
    const mule = `0x${"66".repeat(20)}` as const;
    const passedOn = {
      from: mule,
      to: thief,
      value: 399n * ether,
      input: "0x",
      gas: 21_000n,
      role: "attack",
    } as const;
    const swallowed = stage.capsule([callAccomplice(stage, thief, "takeFor", [400n * ether, mule]), passedOn]);
    expect((await simulated(useless(), {}, swallowed)).attack).toMatchObject({ stopped: false, failed: 0 });
    const bounded = await simulated(rulesOf({ kind: "ARG_MAX", bound: 10n * ether }), {}, swallowed);
    expect(bounded.attack).toMatchObject({ stopped: true, failed: 1, losses: [] });
  });

  test.each([
    ["goes its way quietly where it has more", 0n, 340_000n, false],
    ["fails where it has more", 0n, 300_000n, true],
  ])("stops no attack that %s gas than was recorded", async (_, least, most, isLoud) => {
    const attack = callAccomplice(stage, thief, "takeWithin", [400n * ether, least, most, isLoud]);
    expect((await simulated(useless(), {}, stage.capsule([attack]))).attack.stopped).toBe(false);
    const denied = (await simulated(rulesOf({ kind: "DENY" }), {}, stage.capsule([attack]))).attack;
    expect(denied).toMatchObject({ stopped: true, losses: [] });
  });

  test("stops no attack that has not the gas for a gate by the rules, whatever it refuses", async () => {
    const all = callAccomplice(stage, thief, "takeOften", [ether / 100n, 1_690n], { gas: 1n << 24n });
    const onOsaka = { ...stage.capsule([all]), hardfork: "osaka" };
    const passed = await simulated(rulesOf({ kind: "ARG_MAX", bound: ether }), {}, onOsaka);
    expect(passed.attack).toMatchObject({ stopped: false, failed: 1, losses: [] });
    // Nor does one that refuses all of it: the gate alone is in its way already, and it could come in two halves.
    expect((await simulated(rulesOf({ kind: "DENY" }), {}, onOsaka)).attack.stopped).toBe(false);
  });

  test("stops nobody whose sender was not recorded, and shuts out none", async () => {
    const nobody = `0x${"99".repeat(20)}` as const;
    const paid = (from: typeof thief) =>
      ({ from, to: nobody, value: ether + 200_000n * gwei, input: "0x", gas: 21_000n }) as const;
    const honest = callTill(stage, nobody, "pay", [1n], { value: ether, gasPrice: gwei });
    const robbed = callTill(stage, nobody, "take", [400n * ether], { role: "attack", gasPrice: gwei });
    const attacked = stage.capsule([
      { ...paid(thief), role: "attack" },
      { ...robbed, nonce: 0n },
    ]);
    expect((await simulated(useless(), {}, attacked)).attack).toMatchObject({ stopped: false, failed: 0 });
    const beside = await simulated(rulesOf({ kind: "DENY" }), {}, stage.capsule([paid(alice), honest, robbery()]));
    expect(beside).toMatchObject({ ok: true, benign: { changed: [] } });
  });

  test("stops nothing by the gas that it takes itself: an attack that gives the till no more than it needs", async () => {
    const passed = rulesOf({ kind: "ARG_MAX", bound: (1n << 256n) - 1n });
    let worked = 0;
    for (let given = 44_000n; given <= 74_000n; given += 3_000n) {
      const attack = callAccomplice(stage, thief, "takeWith", [400n * ether, given]);
      const report = await simulated(passed, {}, stage.capsule([attack]));
      expect(report.attack.stopped, `${given} gas`).toBe(false);
      worked += 1 - report.attack.failed;
    }
    // Of some the gate keeps the till's money, of some nothing does.
    expect(worked).toBeGreaterThan(0);
    expect(worked).toBeLessThan(11);
  });

  test("once a block stops nothing by what its marks cost", async () => {
    let worked = 0;
    for (let given = 60_000n; given <= 130_000n; given += 7_000n) {
      const attack = callAccomplice(stage, thief, "takeWith", [400n * ether, given]);
      const report = await simulated(rulesOf({ kind: "NO_SAME_BLOCK" }), {}, stage.capsule([attack]));
      expect(report.attack.stopped, `${given} gas`).toBe(false);
      worked += 1 - report.attack.failed;
    }
    expect(worked).toBeGreaterThan(0);
    expect(worked).toBeLessThan(11);
  });

  test("stops nothing by its gate, whatever it refuses: an attack that shies away from gates", async () => {
    const bare = keccak256(capsule.accounts.get(stage.till)!.code!);
    const shy = stage.capsule([callAccomplice(stage, thief, "takeBare", [400n * ether, bare])]);
    expect((await simulated(useless(), {}, shy)).attack).toMatchObject({ stopped: false, losses: [] });
  });

  test("leaves as they were users of whom each needs another gas, also beside the attack", async () => {
    const often = (gas: bigint) =>
      callAccomplice(stage, alice, "takeOften", [1n, 30n], { gas, role: "benign" as const });
    const pay = (gas: bigint) => callTill(stage, bob, "pay", [2n], { value: ether, gas });
    const within = callAccomplice(stage, alice, "takeWithin", [1n, 0n, 300_000n, true], { role: "benign" });
    const wrong = (gas: bigint) => callTill(stage, alice, "shut", [], { gas });
    const [some, one, , failing] = (
      await playBaseline(stage.capsule([often(9_000_000n), pay(200_000n), within, wrong(200_000n), robbery()]))
    ).peaceful.map(({ gasUsed }) => gasUsed);
    const people = [often((some! * 105n) / 100n), pay(one! + 500n), within, wrong(failing! + 1_000n)];
    const report = await simulated(
      rulesOf({ kind: "ARG_MAX", bound: 10n * ether }),
      {},
      stage.capsule([...people, robbery()]),
    );
    expect(report).toMatchObject({ ok: true, benign: { transactions: 4, failing: [3], changed: [] } });
  });

  test("leaves as they were those that fail for want of gas, or with all of it", async () => {
    const short = callTill(stage, alice, "pay", [1n], { value: ether, gas: 21_900n });
    const wrong = callTill(stage, alice, "shut");
    const report = await simulated(useless(), {}, stage.capsule([short, wrong, robbery()]));
    expect(report.benign).toMatchObject({ transactions: 2, failing: [0, 1], changed: [] });
  });
});
