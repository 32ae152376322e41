// What an attacker finds in the naive twin, attack by attack of the suite: the state that the attack begins with, what he may call,
// and what others do. How it goes is not told.

import type { Power, Scenario } from "@testudo/lab/raid/Scenario";
import type { Capsule } from "@testudo/lab/record/Capsule";
import type { Address } from "viem";
import { erc20Abi } from "viem";
import { encodeAbiParameters, encodeFunctionData, keccak256, stringToHex } from "viem/utils";
import { naiveBuild } from "../reference/attackSuite.ts";
import { buildNaive, type NaiveWorld, type Part, type sources } from "./naiveWorld.ts";

/** A scenario of the search, and the state that it is about. */
export interface NaiveScenario {
  readonly capsule: Capsule;
  readonly scenario: Scenario;
}

interface Scene {
  readonly source: keyof typeof sources;
  readonly stages?: number;
  /** Whole dollars of each account. */
  readonly capital: bigint;
  /** Whole dollars of a unit of the base, as the market has it. */
  readonly price?: bigint;
  /** Tokens tell whoever wants to know when they move. */
  readonly hasCallbacks?: true;
  readonly mostSeconds?: number;
  /** It is about what stands beside the exchange alone. */
  readonly isApart?: true;
  /** Changes the state, and says what else is there. */
  set?(
    world: NaiveWorld,
    feed: Part,
  ): Partial<Pick<Scenario, "powers" | "keys" | "assets" | "words">> & {
    readonly contracts?: readonly Part[];
  };
}

const usd = 10n ** 6n;
const wad = 10n ** 18n;

/** Whose key to the admin was stolen. */
const thief: Address = "0x00000000000000000000000000000000000b0b01";

function stolenAdmin({ call, part, world }: NaiveWorld): Part {
  const admin = part("admin", "NaiveAdmin");
  const give = encodeFunctionData({ abi: admin.abi, functionName: "give", args: [thief] });
  call(world, "speak", [admin.address, give]);
  return admin;
}

/** By the number of the suite's attack. */
export const scenes: { readonly [attack: string]: Scene } = {
  "01": { source: "spot", capital: 500_000n },
  "02": {
    source: "twap",
    capital: 500_000n,
    set: ({ director, world }) => ({ powers: [power(director, "the mean is marked", [[world, "refresh", []]])] }),
  },
  "03": {
    source: "feed",
    stages: 1,
    capital: 3_000_000n,
    set: ({ director, world }) => ({
      powers: [
        power(director, "makers and traders come", [
          [world, "build", [1n]],
          [world, "build", [2n]],
        ]),
      ],
    }),
  },
  "04": {
    source: "feed",
    capital: 500_000n,
    price: 2_600n,
    set: ({ director, world, call, pass }, feed) => {
      call(world, "setKeepers", [feed.address, 1, 0n]);
      call(world, "setHonest", [2_600n * wad]);
      pass(12);
      return { powers: [power(director, "the feed is itself again", [[world, "setKeepers", [feed.address, 0, 0n]]])] };
    },
  },
  "05": {
    source: "feed",
    capital: 500_000n,
    set: ({ director, world }, feed) => ({
      powers: [
        power(director, "the feed says zero", [[world, "setKeepers", [feed.address, 2, 0n]]]),
        power(director, "the feed is itself again", [[world, "setKeepers", [feed.address, 0, 0n]]]),
      ],
    }),
  },
  "06": { source: "feed", capital: 600_000n, hasCallbacks: true },
  "07": {
    source: "feed",
    capital: 13_000_000n,
    hasCallbacks: true,
    set: ({ part }) => ({ contracts: [part("makerLender", "MakerLender")] }),
  },
  "08": {
    source: "rate",
    capital: 500_000n,
    set: ({ part, call }) => {
      const vault = call(part("rateSource", "RateSource"), "vault") as string;
      return {
        contracts: [
          { name: "vault", address: vault.toLowerCase() as `0x${string}`, abi: naiveBuild("SavingsVault").abi },
        ],
      };
    },
  },
  "14": {
    source: "feed",
    capital: 0n,
    set: ({ call, world }) => ({ keys: [(call(world, "maker") as string).toLowerCase() as Address] }),
  },
  "17": {
    source: "feed",
    capital: 0n,
    set: ({ part }) => ({
      contracts: [part("parameters", "NaiveParameters")],
      keys: [part("admin", "NaiveAdmin").address],
    }),
  },
  "18": {
    source: "feed",
    capital: 0n,
    isApart: true,
    set: (world) => ({ contracts: [stolenAdmin(world), world.part("fund", "InsuranceFund")], keys: [thief] }),
  },
  "19": {
    source: "feed",
    capital: 0n,
    isApart: true,
    set: ({ deploy, call, world, part, director }) => {
      const votes = deploy("VoteToken", [director, director, director]);
      const governor = deploy("MomentGovernor", [votes.address]);
      const admin = part("admin", "NaiveAdmin");
      const give = encodeFunctionData({ abi: admin.abi, functionName: "give", args: [governor.address] });
      call(world, "speak", [admin.address, give]);
      // A lender has them: they cost nothing for as long as a block lasts.
      const vote = { name: "VOTE", token: votes.address, decimals: 18, priceWad: 0n, capital: 390_000n * wad };
      return { contracts: [governor, admin, part("fund", "InsuranceFund")], assets: [vote] };
    },
  },
  "20": {
    source: "feed",
    capital: 0n,
    isApart: true,
    set: ({ deploy, call, world }) => {
      const code = deploy("FeeTreasury", []);
      const { address } = deploy("BareProxy", [code.address]);
      call(world, "grant", [address, 120_000n * usd, 0n]);
      return {
        contracts: [
          { ...code, name: "treasury", address },
          { ...code, name: "implementation" },
        ],
      };
    },
  },
  "22": {
    source: "feed",
    capital: 0n,
    isApart: true,
    set: ({ deploy, call, world, part }) => {
      // Both stand in the author's transaction, which waits.
      const [report, salt] = [keccak256(stringToHex("report")), keccak256(stringToHex("salt"))];
      const wanted = keccak256(encodeAbiParameters([{ type: "bytes32" }, { type: "bytes32" }], [report, salt]));
      const bounty = deploy("FirstReveal", [part("usd", "Token").address, wanted]);
      call(world, "grant", [bounty.address, 100_000n * usd, 0n]);
      return { contracts: [bounty], words: [report, salt] };
    },
  },
};

export async function naiveScenario(attack: string): Promise<NaiveScenario> {
  const { source, stages, capital, price = 2_000n, hasCallbacks, mostSeconds = 3_600, isApart, set } = scenes[attack]!;
  const world = await buildNaive(source, stages);
  const { part, call } = world;
  const [perp, dollars, base, pool] = [
    part("perp", "ReferencePerp"),
    part("usd", "Token"),
    part("base", "Token"),
    part("pool", "SpotPool"),
  ];
  const {
    contracts = [],
    powers = [],
    keys = [],
    assets = [],
    words = [],
  } = set?.(world, part("feedA", "PriceFeed")) ?? {};
  const tokenAbi = hasCallbacks ? without(dollars, "mint", "setMinter").abi : erc20Abi;
  const people = ["maker", "longTrader", "shortTrader"].map(
    (who) => (call(world.world, who) as string).toLowerCase() as `0x${string}`,
  );
  // The pool's first reserves are nobody's attack of the suite.
  const exchange = [perp, { ...dollars, abi: tokenAbi }, { ...base, abi: erc20Abi }, without(pool, "begin")];
  return {
    capsule: world.capsule(`naive-${attack}`),
    scenario: {
      contracts: isApart ? contracts : [...exchange, ...contracts],
      assets: [
        { name: "USD", token: dollars.address, decimals: 6, priceWad: wad, capital: capital * usd },
        { name: "BASE", token: base.address, decimals: 18, priceWad: price * wad, capital: 0n },
        ...assets,
      ],
      accounts: 1,
      keys,
      powers,
      addresses: people,
      words: [stringToHex("BASE/USD", { size: 32 }), ...words],
      mostSeconds,
      guardians: [],
      figures: [],
    },
  };
}

function without(part: Part, ...names: readonly string[]): Part {
  return { ...part, abi: part.abi.filter((item) => item.type !== "function" || !names.includes(item.name)) };
}

function power(
  from: `0x${string}`,
  name: string,
  calls: readonly (readonly [Part, string, readonly unknown[]])[],
): Power {
  return {
    name,
    seconds: 0,
    costWad: 0n,
    calls: calls.map(([{ address, abi }, functionName, args]) => ({
      from,
      to: address,
      input: encodeFunctionData({ abi, functionName, args }),
    })),
  };
}
