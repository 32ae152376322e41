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
  /** A recorded call below `incidents/` that is the whole attack; without it `<slug>/Attack.sol` is. */
  callFile?: string;
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
  USDT: "0xFd086bC7CD5C481DCC9C85ebE478A1C0b69FCbb9",
  WSTETH: "0x5979D7b546E38E414F7E9822514be443A4800529",
  WOO: "0xcAFcD85D8ca7Ad1e1C6F82F651fA15E33AEfD07b",
} as const satisfies Record<string, Address>;

const MAINNET = {
  USDC: "0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48",
  WBTC: "0x2260FAC5E5542a773Aa44fBCfeDf7C193bc2C599",
  UNI: "0x1f9840a85d5aF5bf1D1762F925BDADdC4201F984",
  PT: "0xB05cABCd99cf9a73b19805edefC5f67CA5d1895E",
} as const satisfies Record<string, Address>;

const PREDY_POOL = "0x9215748657319B17fecb2b5D086A3147BFBC8613";
const RADIANT_WETH = "0x0dF5dfd95966753f01cb80E76dc20EA958238C46";
const WOO_PP_V2 = "0xeFF23B4bE1091b53205E35f3AfCD9C7182bf3062";
const PIKE_SPOKE = "0xFC7599cfFea9De127a9f9C748CCb451a34d2F063";
const SILICA_POOLS = "0xf3F84cE038442aE4c4dCB6A8Ca8baCd7F28c9bDe";
// Not the Chamber: what leaves is what a user held who had approved the Chamber.
const SENECA_VICTIM = "0x9CBF099ff424979439dFBa03F00B5961784c06ce";
const COMPOUND_UNI = "0x35A18000230DA775CAc24873d00Ff85BccdeD550";
const ORBIT_VAULT = "0x1Bf68A9d1EaEe7826b3593C20a0ca93293cb489a";
const GAMMA_POOL = "0x3AB5DD69950a948c55D1FBFb7500BF92B4Bd4C48";
const GAMMA_VAULT = "0x61A7b3dae70D943C6f2eA9ba4FfD2fEcc6AF15E4";
const LAVA_RESERVES = {
  USDCE: "0x16cba9A6a9BB38e339D4250dA0Afd919c6bDBDfE",
  USDC: "0x16Cb622CaE7Ad9fd2b0780b2026ED301414781fE",
  USDT: "0x8Da6Bc74B2534030cD38C996C395B914990fa684",
  WETH: "0xec9b99C8262b72d846F0F80fCE76AF7D3c7c6AF6",
  WSTETH: "0xCB1332663a39f238BCD1cc7621E3E24A50251b94",
} as const satisfies Record<string, Address>;

/**
 * The attacks that can be replayed. Public logs give fewer digits for WOOFi (nine decimals) and Gamma (whole ETH); the
 * rest of the digits is what this replay brings. For Lava the public log has one unit (1e-6) of USDC less.
 */
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
  {
    slug: "pikefinance",
    file: "2024-04-pikefinance.json.gz",
    chainId: 1,
    protect: [PIKE_SPOKE],
    holdings: [{ asset: "native", symbol: "ETH", holder: PIKE_SPOKE, before: 479_393_838_338_750_964_434n, after: 0n }],
    gain: [{ asset: "native", symbol: "ETH", amount: 479_393_838_338_750_964_434n }],
    unrecordedSlots: 0,
  },
  {
    slug: "alkimiya-io",
    file: "2025-03-alkimiya-io.json.gz",
    chainId: 1,
    protect: [SILICA_POOLS],
    holdings: [{ asset: MAINNET.WBTC, symbol: "WBTC", holder: SILICA_POOLS, before: 114_015_390n, after: 0n }],
    gain: [{ asset: MAINNET.WBTC, symbol: "WBTC", amount: 114_015_390n }],
    unrecordedSlots: 10,
  },
  {
    slug: "seneca",
    file: "2024-02-seneca.json.gz",
    chainId: 1,
    protect: [SENECA_VICTIM],
    holdings: [
      { asset: MAINNET.PT, symbol: "PT", holder: SENECA_VICTIM, before: 1_385_238_431_763_437_306_795n, after: 0n },
    ],
    gain: [{ asset: MAINNET.PT, symbol: "PT", amount: 1_385_238_431_763_437_306_795n }],
    unrecordedSlots: 1,
  },
  {
    slug: "compounduni",
    file: "2024-02-compounduni.json.gz",
    chainId: 1,
    protect: [COMPOUND_UNI],
    holdings: [
      {
        asset: MAINNET.UNI,
        symbol: "UNI",
        holder: COMPOUND_UNI,
        before: 2_093_977_896_101_008_115_558_446n,
        after: 2_074_189_896_101_008_115_558_446n,
      },
    ],
    gain: [{ asset: MAINNET.USDC, symbol: "USDC", amount: 1_268_570_809n }],
    unrecordedSlots: 27,
  },
  {
    slug: "orbitchain",
    file: "2024-01-orbitchain.json.gz",
    callFile: "2024-01-orbitchain.call.json",
    chainId: 1,
    protect: [ORBIT_VAULT],
    holdings: [
      { asset: MAINNET.WBTC, symbol: "WBTC", holder: ORBIT_VAULT, before: 28_760_310_355n, after: 5_672_410_355n },
    ],
    gain: [{ asset: MAINNET.WBTC, symbol: "WBTC", amount: 23_087_900_000n }],
    unrecordedSlots: 0,
  },
  {
    // The vault's assets lie in its pool positions, so the loss shows in what the pool holds.
    slug: "gamma",
    file: "2024-01-gamma.json.gz",
    chainId: 42161,
    protect: [GAMMA_VAULT],
    holdings: [
      { asset: ARBITRUM.USDT, symbol: "USDT", holder: GAMMA_VAULT, before: 45_253_051n, after: 1n },
      { asset: ARBITRUM.USDT, symbol: "USDT", holder: GAMMA_POOL, before: 929_111_266_329n, after: 669_860_519_684n },
      {
        asset: ARBITRUM.USDCE,
        symbol: "USDC.e",
        holder: GAMMA_POOL,
        before: 1_671_849_849_508n,
        after: 1_197_948_960_357n,
      },
    ],
    gain: [{ asset: "native", symbol: "ETH", amount: 211_931_772_755_607_189_177n }],
    unrecordedSlots: 16,
  },
  {
    slug: "lavalending",
    file: "2024-03-lavalending.json.gz",
    chainId: 42161,
    protect: Object.values(LAVA_RESERVES),
    holdings: [
      { asset: ARBITRUM.USDCE, symbol: "USDC.e", holder: LAVA_RESERVES.USDCE, before: 48_527_409_987n, after: 0n },
      { asset: ARBITRUM.USDC, symbol: "USDC", holder: LAVA_RESERVES.USDC, before: 52_755_183_006n, after: 0n },
      { asset: ARBITRUM.USDT, symbol: "USDT", holder: LAVA_RESERVES.USDT, before: 60_349_016_947n, after: 0n },
      {
        asset: ARBITRUM.WETH,
        symbol: "WETH",
        holder: LAVA_RESERVES.WETH,
        before: 20_332_935_232_888_003_060n,
        after: 0n,
      },
      {
        asset: ARBITRUM.WSTETH,
        symbol: "wstETH",
        holder: LAVA_RESERVES.WSTETH,
        before: 8_525_476_552_027_716_376n,
        after: 0n,
      },
    ],
    gain: [
      { asset: ARBITRUM.USDCE, symbol: "USDC.e", amount: 96_215_533_581n },
      { asset: ARBITRUM.USDC, symbol: "USDC", amount: 77_477_425_667n },
      { asset: ARBITRUM.USDT, symbol: "USDT", amount: 60_349_016_947n },
      { asset: ARBITRUM.WETH, symbol: "WETH", amount: 20_332_935_232_888_003_060n },
      { asset: ARBITRUM.WSTETH, symbol: "wstETH", amount: 8_525_476_552_027_716_376n },
    ],
    unrecordedSlots: 61,
  },
] as const satisfies readonly Incident[];

/** The name of a replayable attack. */
export type IncidentSlug = (typeof incidents)[number]["slug"];
