import type { Address, Hex } from "viem";
import { encodeFunctionData, parseAbi, toFunctionSelector } from "viem/utils";
import { afterAll, beforeAll, expect, test } from "vitest";
import { getCast } from "./Cast.ts";
import type { Call } from "./ChainSession.ts";
import * as calls from "./curieCalls.ts";
import { type DefendedStage, onBranch, openDefendedStage, pauseCall } from "./defendedStage.testkit.ts";
import { clearingHouseManifest, vaultManifest } from "./manifest.ts";
import { outcomeOf, outcomesOf } from "./outcomes.testkit.ts";
import { readSlotView } from "./SlotView.ts";
import { wideRange } from "./seedMarket.ts";

// Guardians pause one function of the real Curie at a time; all others are called by real transactions.
let stage: DefendedStage;
beforeAll(async () => {
  stage = await openDefendedStage();
});
afterAll(() => stage?.close());

const etherAbi = parseAbi([
  "function withdrawEther(uint256 amount)",
  "function withdrawAllEther()",
  "function depositEther() payable",
  "function depositFor(address to, address token, uint256 amount)",
  "function liquidateCollateral(address trader, address token, uint256 amount, bool isDenominatedInSettlementToken)",
]);

/** Every function of interest with the outcome that it has on Curie when nothing is paused. */
type Probe = { readonly name: string; readonly call: Call; readonly open: string };

// The seeded market has no WETH as collateral (V_WINAC), no account whose collateral may be liquidated (V_NL), and refuses
// ether worth nothing (V_ZA): with these words Curie itself answers, so the gate has let the call through.
async function probes(): Promise<Probe[]> {
  const { session, system, groups } = stage;
  const cast = getCast();
  const [a, b, c, d, e, f] = groups.flat;
  const [holder, saver] = groups.holders;
  const view = await readSlotView(session, system, cast, groups);
  const victim = [...view.liquidatable].at(-1)!;
  const share = view.smallMakerLiquidity[1]! / 20n;
  const vault = (from: typeof a, data: Hex): Call => ({ from: from!, to: system.vault, data });
  const forFriend = [a!.address, system.usdc, calls.usdc(5)] as const;
  const noCollateral = [c!.address, system.usdc, 1n, true] as const;
  return [
    { name: "withdraw", call: calls.withdraw(system, a!, calls.usdc(10)), open: "success" },
    { name: "withdrawAll", call: calls.withdrawAll(system, b!), open: "success" },
    {
      name: "withdrawEther",
      call: vault(c, encodeFunctionData({ abi: etherAbi, functionName: "withdrawEther", args: [1n] })),
      open: "V_WINAC",
    },
    {
      name: "withdrawAllEther",
      call: vault(d, encodeFunctionData({ abi: etherAbi, functionName: "withdrawAllEther" })),
      open: "V_WINAC",
    },
    { name: "openPosition", call: calls.openLong(system, e!, calls.wad(300)), open: "success" },
    { name: "closePosition", call: calls.closePosition(system, holder!), open: "success" },
    {
      name: "removeLiquidity",
      call: calls.removeLiquidity(system, cast.smallMakers[1]!, wideRange, share),
      open: "success",
    },
    { name: "liquidate", call: calls.liquidate(system, cast.keeper, victim), open: "success" },
    {
      name: "liquidateCollateral",
      call: vault(f, encodeFunctionData({ abi: etherAbi, functionName: "liquidateCollateral", args: noCollateral })),
      open: "V_NL",
    },
    { name: "deposit", call: calls.deposit(system, saver!, calls.usdc(20)), open: "success" },
    {
      name: "depositFor",
      call: vault(
        groups.holders[2],
        encodeFunctionData({ abi: etherAbi, functionName: "depositFor", args: forFriend }),
      ),
      open: "success",
    },
    {
      name: "depositEther",
      call: vault(groups.holders[3], encodeFunctionData({ abi: etherAbi, functionName: "depositEther" })),
      open: "V_ZA",
    },
  ];
}

const pausable = ["withdraw", "withdrawAll", "withdrawEther", "withdrawAllEther", "openPosition"] as const;
const exempt = [
  "closePosition",
  "removeLiquidity",
  "liquidate",
  "liquidateCollateral",
  "deposit",
  "depositFor",
] as const;

function placeOf(name: string): { target: Address; selector: Hex } {
  const inVault = vaultManifest.find((entry) => entry.signature.startsWith(`${name}(`));
  const entry = inVault ?? clearingHouseManifest.find((e) => e.signature.startsWith(`${name}(`))!;
  const target = inVault ? stage.system.vault : stage.system.clearingHouse;
  return { target, selector: toFunctionSelector(entry.signature) };
}

const outcomesByName = async (list: readonly Probe[]) => {
  const outcomes = await outcomesOf(
    stage.session,
    list.map(({ call }) => call),
  );
  return Object.fromEntries(list.map(({ name }, i) => [name, outcomes[i]]));
};

test("INTEG-04: without a pause every one of these calls reaches Curie", () =>
  onBranch(stage.session, async () => {
    const list = await probes();
    expect(await outcomesByName(list)).toEqual(Object.fromEntries(list.map(({ name, open }) => [name, open])));
  }));

test.each(pausable)("INTEG-04: %s is paused alone, before Curie is asked, and all else stays live", (name) =>
  onBranch(stage.session, async () => {
    const { target, selector } = placeOf(name);
    const list = await probes();
    const { call, until } = await pauseCall(stage, target, [selector], 3_600, stage.guardians.slice(0, 2));
    expect(await outcomeOf(stage.session, call)).toBe("success");
    const expected = Object.fromEntries(list.map((probe) => [probe.name, probe.open]));
    expect(await outcomesByName(list)).toEqual({ ...expected, [name]: `Breaker_Paused(${selector}, ${until})` });
  }),
);

test.each(exempt)("INTEG-04: guardians cannot pause %s, however many sign", (name) =>
  onBranch(stage.session, async () => {
    const { target, selector } = placeOf(name);
    const { call } = await pauseCall(stage, target, [selector], 3_600, stage.guardians);
    expect(await outcomeOf(stage.session, call)).toBe(`Breaker_Exempt(${selector})`);
  }),
);

test("INTEG-04: one signature pauses nothing", () =>
  onBranch(stage.session, async () => {
    const { target, selector } = placeOf("withdraw");
    const { call } = await pauseCall(stage, target, [selector], 3_600, stage.guardians.slice(0, 1));
    expect(await outcomeOf(stage.session, call)).toBe("Council_Threshold(1, 2)");
  }));
