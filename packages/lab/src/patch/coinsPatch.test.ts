import type { Address } from "@testudo/core/model/Hex";
import { encodeFunctionData, getContractAddress, toFunctionSelector } from "viem/utils";
import { describe, expect, test } from "vitest";
import type { CapsuleTransaction } from "../record/Capsule.ts";
import type { GuardRulePatch, Patch } from "./Patch.ts";
import { alice, build, callAccomplice, ether, thief } from "./tillStage.testkit.ts";
import { openTillTrials } from "./tillTrials.testkit.ts";

const { stage, rulesOf, simulated } = await openTillTrials();

describe("LAB-20: a guard rule of a till of two coins", () => {
  const onCoins = (...transactions: CapsuleTransaction[]) => ({
    ...stage.capsule(transactions),
    victim: stage.coinTill,
  });
  const denied = (signature: string) =>
    rulesOf({ kind: "DENY", target: stage.coinTill, selector: toFunctionSelector(signature) });

  test("does not stop an attack that takes the other coin then", async () => {
    const either = onCoins(callAccomplice(stage, thief, "takeEither", [stage.coinTill, 500n * ether]));
    const { attack } = await simulated(denied("takeFirst(uint256)"), {}, either);
    expect(attack).toMatchObject({
      stopped: false,
      lossesBefore: [{ amount: 500n * ether }],
      losses: [{ amount: 500n * ether }],
    });
    expect(attack.losses[0]!.token).not.toBe(attack.lossesBefore[0]!.token);
  });

  test("that keeps what was taken from being read stops nothing", async () => {
    const first = getContractAddress({ from: stage.coinTill, nonce: 1n }).toLowerCase() as Address;
    const either = stage.capsule([callAccomplice(stage, thief, "takeEither", [stage.coinTill, 500n * ether])]);
    const sides = { victims: [first], holders: [first, stage.coinTill] };
    const blind = rulesOf({ kind: "DENY", target: first, selector: toFunctionSelector("balanceOf(address)") });
    expect((await simulated(blind, sides, either)).attack).toMatchObject({ stopped: false, losses: [] });
  });

  test("sees what is lost of a coin that the attacker calls himself, where the till has to do with it", async () => {
    const first = getContractAddress({ from: stage.coinTill, nonce: 1n }).toLowerCase() as Address;
    const call = (to: Address, name: string, functionName: string, args: readonly unknown[] = []) => ({
      ...{ from: thief, to, value: 0n, gas: 200_000n, role: "attack" as const },
      input: encodeFunctionData({ abi: build(name).abi, functionName, args: [...args] }),
    });
    const burnt = onCoins(
      call(first, "Coin", "burn", [stage.coinTill, 500n * ether]),
      call(stage.coinTill, "CoinTill", "count"),
    );
    const { attack } = await simulated(denied("count()"), {}, burnt);
    expect(attack).toMatchObject({ stopped: false, losses: [{ token: first, amount: 500n * ether }] });
  });

  test("that keeps the other coin from being read stops nothing either", async () => {
    const second = getContractAddress({ from: stage.coinTill, nonce: 2n }).toLowerCase() as Address;
    const either = onCoins(callAccomplice(stage, thief, "takeEither", [stage.coinTill, 500n * ether]));
    const both: Patch = {
      ...(denied("takeFirst(uint256)") as GuardRulePatch),
      rules: [
        ...(denied("takeFirst(uint256)") as GuardRulePatch).rules,
        ...(
          rulesOf({
            ...{ kind: "DENY", target: second, selector: toFunctionSelector("balanceOf(address)") },
          }) as GuardRulePatch
        ).rules,
      ],
    };
    expect((await simulated(both, {}, either)).attack).toMatchObject({ stopped: false, losses: [] });
  });

  test("changes what an honest contract lost quietly", async () => {
    const honest = callAccomplice(stage, alice, "tryNote", [stage.coinTill], { role: "benign" });
    const robbed = callAccomplice(stage, thief, "takeEither", [stage.coinTill, 500n * ether]);
    const { benign } = await simulated(denied("note()"), {}, onCoins(honest, robbed));
    expect(benign.changed.map(({ what }) => what)).toEqual([expect.stringMatching(`^slot ${stage.coinTill} `)]);
  });
});
