import type { Address, Hex } from "viem";
import { encodeAbiParameters, encodeFunctionData, parseAbi } from "viem/utils";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { whyNoData } from "../incidents/dataFolder.ts";
import { type PreparedIncident, prepareIncident } from "../incidents/runIncident.ts";
import { batchAbi, batchCode, type HonestUser, honestUser } from "./honestUse.ts";

if (whyNoData) test("honest use of a victim needs recorded data", (context) => context.skip(whyNoData));

const WETH = "0x82aF49447D8a07e3bd95BD0d56f35241523fBab1";
const USDC = "0xaf88d065e77c8cC2239327C5EDb3A432268e5831";
const USDCE = "0xFF970A61A04b1cA14834A43f5dE4533eBDDB5CC8";
const RADIANT = "0xF4B1486DD74D07706052A33d31d7c0AAFD0659E1";
const AAVE = "0x794a61358D6845594F94dc1DB02A252b5b4814aD";
const WETH_USDC_POOL = "0xC6962004f452bE9203591991D15f6b388e09E8D0";
const MIN_SQRT_PRICE = 4_295_128_740n;
const WOO_PP_V2 = "0xeFF23B4bE1091b53205E35f3AfCD9C7182bf3062";
const NOBODY = "0x0000000000000000000000000000000000000000";

const abi = parseAbi([
  "function deposit() payable",
  "function approve(address spender, uint256 amount)",
  "function transfer(address to, uint256 amount)",
  "function deposit(address asset, uint256 amount, address onBehalfOf, uint16 referral)",
  "function withdraw(address asset, uint256 amount, address to)",
  "function borrow(address asset, uint256 amount, uint256 mode, uint16 referral, address onBehalfOf)",
  "function flashLoan(address receiver, address[] assets, uint256[] amounts, uint256[] modes, address onBehalfOf, bytes params, uint16 referral)",
  "function swap(address recipient, bool zeroForOne, int256 amount, uint160 limit, bytes data)",
  "function swap(address from, address to, uint256 amount, uint256 min, address receiver, address rebate)",
]);

interface Call {
  to: Address;
  value: bigint;
  data: Hex;
}
const call = (to: Address, data: Hex, value = 0n): Call => ({ to, value, data });
const eth = (amount: number) => BigInt(amount) * 10n ** 18n;
const wrap = (amount: bigint) => call(WETH, encodeFunctionData({ abi, functionName: "deposit", args: [] }), amount);
const approve = (token: Address, spender: Address, amount: bigint) =>
  call(token, encodeFunctionData({ abi, functionName: "approve", args: [spender, amount] }));
const supply = (token: Address, amount: bigint, owner: Address) =>
  call(RADIANT, encodeFunctionData({ abi, functionName: "deposit", args: [token, amount, owner, 0] }));
const redeem = (amount: bigint, owner: Address) =>
  call(RADIANT, encodeFunctionData({ abi, functionName: "withdraw", args: [WETH, amount, owner] }));
const borrow = (amount: bigint, owner: Address) =>
  call(RADIANT, encodeFunctionData({ abi, functionName: "borrow", args: [WETH, amount, 2n, 0, owner] }));

const callsType = [
  {
    type: "tuple[]",
    components: [
      { name: "to", type: "address" },
      { name: "value", type: "uint256" },
      { name: "data", type: "bytes" },
    ],
  },
] as const;

/** A loan so small that its premium rounds to nothing, with `calls` while it is out: all that a watcher sees is a loan. */
const withLoan = (receiver: Address, calls: readonly Call[]): Call => {
  const params = encodeAbiParameters(callsType, [calls]);
  return call(
    AAVE,
    encodeFunctionData({ abi, functionName: "flashLoan", args: [receiver, [USDC], [999n], [0n], receiver, params, 0] }),
  );
};
/** 150 WETH become 300,000 USDC of collateral and some change. */
const collateral = (owner: Address): Call[] => {
  const args = [owner, true, eth(150), MIN_SQRT_PRICE, "0x"] as const;
  return [
    wrap(eth(150)),
    call(WETH_USDC_POOL, encodeFunctionData({ abi, functionName: "swap", args })),
    approve(USDC, RADIANT, 300_000_000_000n),
    supply(USDC, 300_000_000_000n, owner),
  ];
};

describe.skipIf(whyNoData)("an honest user of Radiant's WETH market, right before the attack", () => {
  let prepared: PreparedIncident;
  let user: HonestUser;

  beforeEach(async () => {
    prepared = await prepareIncident("radiantcapital");
    user = await honestUser(prepared);
  });
  afterEach(async () => {
    user?.close();
    await prepared?.close();
  });

  const deploy = async () => (await user.send({ to: null, data: batchCode() })).created!;
  const run = async (batch: Address, calls: readonly Call[], value = 0n) =>
    (
      await user.send({
        to: batch,
        data: encodeFunctionData({ abi: batchAbi, functionName: "run", args: [calls] }),
        value,
      })
    ).findings;

  test("who takes 29 % of the market out again as his own deposit is not called an attacker", async () => {
    await user.send(wrap(eth(9_000)));
    await user.send(approve(WETH, RADIANT, eth(9_000)));
    expect((await user.send(supply(WETH, eth(9_000), user.address))).findings).toEqual([]);
    const { findings } = await user.send(redeem(eth(9_000), user.address));
    expect(findings.map(({ severity, detector }) => `${severity} ${detector}`)).toMatchInlineSnapshot(`[]`);
  });

  test("nor is one who does it through a new contract with a flash loan beside it", async () => {
    const batch = await deploy();
    await run(
      batch,
      [wrap(eth(9_000)), approve(WETH, RADIANT, eth(9_000)), supply(WETH, eth(9_000), batch)],
      eth(9_000),
    );
    const findings = await run(batch, [approve(USDC, AAVE, 999n), withLoan(batch, [redeem(eth(9_000), batch)])]);
    expect(findings.map(({ severity, detector }) => `${severity} ${detector}`)).toMatchInlineSnapshot(`
      [
        "low flash-loan",
      ]
    `);
  });

  test("nor one who borrows 0.2 % of the market through a new contract against collateral of an earlier block", async () => {
    const batch = await deploy();
    await run(batch, collateral(batch), eth(150));
    const findings = await run(batch, [borrow(eth(45), batch)]);
    expect(findings.map(({ severity, detector }) => `${severity} ${detector}`)).toMatchInlineSnapshot(`[]`);
  });

  test("limit: the same borrow with a flash loan beside it looks like the attack, and is called so", async () => {
    const batch = await deploy();
    await run(batch, collateral(batch), eth(150));
    const findings = await run(batch, [approve(USDC, AAVE, 999n), withLoan(batch, [borrow(eth(45), batch)])]);
    expect(findings.map(({ severity, detector }) => `${severity} ${detector}`)).toMatchInlineSnapshot(`
      [
        "critical asset-drain",
        "high flash-loan",
      ]
    `);
  });
});

describe.skipIf(whyNoData)("an honest user of WOOFi, right before the attack", () => {
  test("who sells 20 WETH at the oracle's price through a new contract is not called an attacker", async () => {
    const prepared = await prepareIncident("woofi");
    const user = await honestUser(prepared);
    try {
      const batch = (await user.send({ to: null, data: batchCode() })).created!;
      const amount = eth(20);
      const calls = [
        wrap(amount),
        call(WETH, encodeFunctionData({ abi, functionName: "transfer", args: [WOO_PP_V2, amount] })),
        call(
          WOO_PP_V2,
          encodeFunctionData({ abi, functionName: "swap", args: [WETH, USDCE, amount, 0n, user.address, NOBODY] }),
        ),
      ];
      const data = encodeFunctionData({ abi: batchAbi, functionName: "run", args: [calls] });
      const { findings } = await user.send({ to: batch, data, value: amount });
      expect(findings.map(({ severity, detector }) => `${severity} ${detector}`)).toMatchInlineSnapshot(`[]`);
    } finally {
      user.close();
      await prepared.close();
    }
  });
});
