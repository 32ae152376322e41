import { chainlinkAdapter, erc4626Adapter, oracleAggregator, uniswapV3TwapAdapter } from "@testudo/contracts";
import { compactUp } from "@testudo/core/math/compact";
import type { Hex } from "@testudo/core/model/Hex";
import { encodeDeployData, encodeFunctionData } from "viem/utils";
import {
  type CallExpectation,
  type Context,
  type Creation,
  type DeployModule,
  type Setting,
  whyOf,
} from "../DeployModule.ts";
import { healthyOf } from "./healthyOf.ts";
import type { AdapterFile, OracleFile } from "./oracleSchema.ts";

/** The aggregator with the adapters that the file asks for. */
export function oracleModule(file: OracleFile): DeployModule {
  const created = Object.entries(file.adapters).filter(([, item]) => item.kind !== "existing");
  return {
    name: "oracle",
    contracts: ["oracle", ...created.map(([name]) => `adapter ${name}`)],
    creations: (context) => [
      {
        contract: "oracle",
        code: encodeDeployData({
          ...oracleAggregator,
          args: [context.addressOf("timelock"), file.roundSpacingSeconds],
        }),
      },
      ...created.map(([name, item]): Creation => ({ contract: `adapter ${name}`, code: codeOf(item)! })),
    ],
    settings: (context) => file.markets.map((item) => settingOf(file, item, context)),
    expects: (context) => {
      const base = oracleBase(context);
      return [
        { ...base, field: "timelock", functionName: "timelock", expected: context.addressOf("timelock") },
        { ...base, field: "roundSpacing", functionName: "roundSpacing", expected: file.roundSpacingSeconds },
        ...created.flatMap(([name, item]) => adapterExpectations(name, item, context)),
        ...file.markets.map((item) => marketExpectation(file, item, context)),
        {
          kind: "logs",
          module: "oracle",
          field: "markets",
          address: base.to,
          abi: base.abi,
          events: ["MarketSet"],
          sum: (logs) => [...new Set(logs.map(({ args }) => args.market))].sort(),
          expected: file.markets.map(({ name }) => name.id).sort(),
        },
        healthyOf(base),
      ];
    },
  };
}

function codeOf(item: AdapterFile): Hex | undefined {
  switch (item.kind) {
    case "chainlink":
      return encodeDeployData({ ...chainlinkAdapter, args: [item.feed, item.minAnswer, item.maxAnswer] });
    case "uniswapV3Twap":
      return encodeDeployData({ ...uniswapV3TwapAdapter, args: [item.pool, item.base] });
    case "erc4626":
      return encodeDeployData({ ...erc4626Adapter, args: [item.vault, item.minSupply, item.maxGrowthBps] });
    case "existing":
      return undefined;
  }
}

function adapterExpectations(name: string, item: AdapterFile, context: Context): CallExpectation[] {
  const base = { kind: "call", module: "oracle", to: context.addressOf(`adapter ${name}`) } as const;
  const of = (abi: CallExpectation["abi"], values: Readonly<Record<string, unknown>>) =>
    Object.entries(values).map(
      ([key, expected]): CallExpectation => ({
        ...base,
        abi,
        field: `adapter ${name}: ${key}`,
        functionName: key,
        expected,
      }),
    );
  switch (item.kind) {
    case "chainlink":
      return of(chainlinkAdapter.abi, { feed: item.feed, minAnswer: item.minAnswer, maxAnswer: item.maxAnswer });
    case "uniswapV3Twap":
      return of(uniswapV3TwapAdapter.abi, { pool: item.pool });
    case "erc4626":
      return of(erc4626Adapter.abi, { vault: item.vault, minSupply: item.minSupply, maxGrowthBps: item.maxGrowthBps });
    case "existing":
      return [];
  }
}

type MarketFile = OracleFile["markets"][number];

function rulesOf(item: MarketFile) {
  return {
    quorum: item.quorum,
    jumpQuorum: item.jumpQuorum,
    maxSpreadBps: item.maxSpreadBps,
    maxJumpBps: item.maxJumpBps,
    jumpWindow: item.jumpWindowSeconds,
    maxSpotTwapBps: item.maxSpotTwapBps,
    twapWindow: item.twapWindowSeconds,
    minTwapLiquidity: item.minTwapLiquidity,
  };
}

function feedsOf(file: OracleFile, item: MarketFile, context: Context) {
  return item.feeds.map((entry) => {
    const named = file.adapters[entry.adapter]!;
    return {
      adapter: named.kind === "existing" ? named.address : context.addressOf(`adapter ${entry.adapter}`),
      weight: entry.weight,
      heartbeat: entry.heartbeatSeconds,
      maxConfBps: entry.maxConfBps,
    };
  });
}

function oracleBase(context: Context) {
  return { kind: "call", module: "oracle", to: context.addressOf("oracle"), abi: oracleAggregator.abi } as const;
}

function settingOf(file: OracleFile, item: MarketFile, context: Context): Setting {
  return {
    what: `oracle: the rules of market ${item.name.name}`,
    to: context.addressOf("oracle"),
    data: encodeFunctionData({
      abi: oracleAggregator.abi,
      functionName: "setMarket",
      args: [
        item.name.id,
        rulesOf(item),
        feedsOf(file, item, context),
        item.maxFallbackAgeSeconds,
        item.floorWad,
        whyOf(context),
      ],
    }),
    proofs: [marketExpectation(file, item, context)],
  };
}

function marketExpectation(file: OracleFile, item: MarketFile, context: Context): CallExpectation {
  return {
    ...oracleBase(context),
    field: `market ${item.name.name}`,
    functionName: "marketOf",
    args: [item.name.id],
    pick: ([config, feeds, maxFallbackAge, floorWad]: readonly [object, readonly object[], number, bigint]) => ({
      ...config,
      feeds,
      maxFallbackAge,
      floorWad,
    }),
    expected: {
      ...rulesOf(item),
      feeds: feedsOf(file, item, context),
      maxFallbackAge: item.maxFallbackAgeSeconds,
      floorWad: compactUp(item.floorWad),
    },
  };
}
