import type { Address } from "viem";

/** An amount of one asset in the token's smallest unit; `asset` "native" is the chain's own coin. */
export interface Amount {
  asset: Address | "native";
  symbol: string;
  amount: bigint;
}

/** A real attack that can be replayed on a recorded state. */
export interface Incident {
  slug: string;
  /** File name of the recorded state below `incidents/` of the data folder. */
  file: string;
  chainId: number;
  /** The addresses that the victim would have named to `watch --protect`. */
  protect: readonly Address[];
  /** What the protected addresses held before, and what the attack leaves, asset by asset. */
  holdings: readonly (Omit<Amount, "amount"> & { holder: Address; before: bigint; after: bigint })[];
  /** What the attacker ends with: the result that the public proof of concept logs. */
  gain: readonly Amount[];
  /** Slots that the public proof of concept asks for and the recorded state does not have; a bound for ours. */
  unrecordedSlots: number;
}

const ARBITRUM = {
  WETH: "0x82aF49447D8a07e3bd95BD0d56f35241523fBab1",
  USDC: "0xaf88d065e77c8cC2239327C5EDb3A432268e5831",
  USDCE: "0xFF970A61A04b1cA14834A43f5dE4533eBDDB5CC8",
  WOO: "0xcAFcD85D8ca7Ad1e1C6F82F651fA15E33AEfD07b",
} as const satisfies Record<string, Address>;

const PREDY_POOL = "0x9215748657319B17fecb2b5D086A3147BFBC8613";
const RADIANT_WETH = "0x0dF5dfd95966753f01cb80E76dc20EA958238C46";
const WOO_PP_V2 = "0xeFF23B4bE1091b53205E35f3AfCD9C7182bf3062";

/** The attacks that can be replayed, oldest entry of the table first. */
export const incidents = [
  {
    slug: "predyfinance",
    file: "2024-05-predyfinance.json.gz",
    chainId: 42161,
    protect: [PREDY_POOL],
    holdings: [
      { asset: ARBITRUM.USDC, symbol: "USDC", holder: PREDY_POOL, before: 219_585_737_814n, after: 0n },
      { asset: ARBITRUM.WETH, symbol: "WETH", holder: PREDY_POOL, before: 83_910_994_929_830_029_848n, after: 0n },
    ],
    gain: [
      { asset: ARBITRUM.USDC, symbol: "USDC", amount: 219_585_737_814n },
      { asset: ARBITRUM.WETH, symbol: "WETH", amount: 83_910_994_929_830_029_848n },
    ],
    unrecordedSlots: 4,
  },
  {
    slug: "radiantcapital",
    file: "2024-01-radiantcapital.json.gz",
    chainId: 42161,
    protect: [RADIANT_WETH],
    holdings: [
      {
        asset: ARBITRUM.WETH,
        symbol: "WETH",
        holder: RADIANT_WETH,
        before: 21_555_411_129_912_352_828_175n,
        after: 21_464_720_434_552_131_543_176n,
      },
    ],
    gain: [{ asset: ARBITRUM.WETH, symbol: "WETH", amount: 90_055_430_124_388_189_263n }],
    unrecordedSlots: 64,
  },
  {
    slug: "woofi",
    file: "2024-03-woofi.json.gz",
    chainId: 42161,
    protect: [WOO_PP_V2],
    holdings: [
      {
        asset: ARBITRUM.USDCE,
        symbol: "USDC.e",
        holder: WOO_PP_V2,
        before: 1_949_168_208_532n,
        after: 1_802_276_448_867n,
      },
      {
        asset: ARBITRUM.WOO,
        symbol: "WOO",
        holder: WOO_PP_V2,
        before: 2_552_287_693_768_659_559_331_774n,
        after: 2_563_803_034_486_644_180_258n,
      },
      {
        asset: ARBITRUM.WETH,
        symbol: "WETH",
        holder: WOO_PP_V2,
        before: 1_387_471_093_441_853_596_456n,
        after: 865_175_832_197_694_127_436n,
      },
    ],
    gain: [
      { asset: ARBITRUM.USDCE, symbol: "USDC.e", amount: 141_603_536_376n },
      { asset: ARBITRUM.WOO, symbol: "WOO", amount: 2_549_710_367_944_099_228_835_575n },
      { asset: ARBITRUM.WETH, symbol: "WETH", amount: 522_295_261_244_159_469_020n },
    ],
    unrecordedSlots: 17,
  },
] as const satisfies readonly Incident[];

/** The name of a replayable attack. */
export type IncidentSlug = (typeof incidents)[number]["slug"];
