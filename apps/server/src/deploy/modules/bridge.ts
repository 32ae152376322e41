import { bridgeGuard } from "@testudo/contracts";
import type { Hex } from "@testudo/core/model/Hex";
import { encodeDeployData, encodeFunctionData } from "viem/utils";
import {
  type CallExpectation,
  type Context,
  type DeployModule,
  type Expectation,
  type Setting,
  whyOf,
} from "../DeployModule.ts";
import { durationOf, percentOf, type RoleText } from "../roleWords.ts";
import type { BridgeFile, RouteFile } from "./bridgeSchema.ts";
import { healthyOf } from "./healthyOf.ts";

/** The guard of one bridge; `groupOf` gives the id of a group by its name. */
export function bridgeModule(file: BridgeFile, groupOf: (name: string) => Hex): DeployModule {
  const name = `bridge ${file.contract}`;
  const plainOf = (context: Context) => ({
    breaker: context.addressOf("breaker"),
    group: groupOf(file.group),
    tripSeconds: file.tripSeconds,
    council: context.addressOf("council"),
    timelock: context.addressOf("timelock"),
    network: file.network.id,
  });
  return {
    name,
    contracts: [name],
    creations: (context) => [
      {
        contract: name,
        code: encodeDeployData({
          ...bridgeGuard,
          args: [
            { ...plainOf(context), protected: context.targetOf(file.contract), quorum: BigInt(file.quorum) },
            [...file.attestors],
          ],
        }),
      },
    ],
    registers: (context) => ({
      trippers: [file.group, ...file.propagated].map((group) => ({
        caller: context.addressOf(name),
        group: groupOf(group),
      })),
    }),
    settings: (context) => file.routes.map((item) => routeSetting(name, item, context)),
    expects: (context) => {
      const plain = { protectedContract: context.targetOf(file.contract), ...plainOf(context), quorum: file.quorum };
      const base = baseOf(name, context);
      return [
        ...Object.entries(plain).map(
          ([field, expected]): Expectation => ({ ...base, field, functionName: field, expected }),
        ),
        {
          ...base,
          field: "attestors",
          functionName: "attestors",
          pick: (members: readonly string[]) => members.map((member) => member.toLowerCase()).sort(),
          expected: [...file.attestors].sort(),
        },
        ...file.routes.map((item) => routeProof(name, item, context)),
        {
          kind: "logs",
          module: name,
          field: "routes",
          address: base.to,
          abi: base.abi,
          events: ["RouteSet"],
          sum: (logs) => [...new Set(logs.map(({ args }) => `${args.token} ${args.remote}`.toLowerCase()))].sort(),
          expected: file.routes.map(({ remote, token }) => `${token} ${remote}`).sort(),
        },
        healthyOf(base),
      ];
    },
  };
}

function baseOf(name: string, context: Context) {
  return { kind: "call", module: name, to: context.addressOf(name), abi: bridgeGuard.abi } as const;
}

function routeSetting(name: string, item: RouteFile, context: Context): Setting {
  return {
    what: `${name}: the route of ${item.token} from and to chain ${item.remote}`,
    to: context.addressOf(name),
    data: encodeFunctionData({
      abi: bridgeGuard.abi,
      functionName: "setRoute",
      args: [BigInt(item.remote), item.token, routeOf(item), whyOf(context)],
    }),
    proofs: [routeProof(name, item, context)],
  };
}

function routeProof(name: string, item: RouteFile, context: Context): CallExpectation {
  return {
    ...baseOf(name, context),
    field: `route of ${item.token} from and to chain ${item.remote}`,
    functionName: "routeOf",
    args: [BigInt(item.remote), item.token],
    expected: routeOf(item),
  };
}

function routeOf({ side, peer, remoteToken, cap, windowSeconds, tripBps, tiers }: RouteFile) {
  // The contract has three tiers: the last of the file stands in for those that it leaves out.
  const of = (i: number) => {
    const { aboveBps, delaySeconds } = tiers[Math.min(i, tiers.length - 1)]!;
    return { aboveBps, delay: delaySeconds };
  };
  const where = side === "home" ? 1 : 2;
  return { side: where, peer, remoteToken, cap, window: windowSeconds, tripBps, tiers: [of(0), of(1), of(2)] as const };
}

/** What each role of a bridge's guard can do. */
export function bridgeRoles(file: BridgeFile): readonly RoleText[] {
  const { contract, group, propagated, tripSeconds, quorum, attestors, routes } = file;
  const groups = [group, ...propagated].map((name) => `"${name}"`).join(", ");
  return [
    {
      role: `${quorum} of ${attestors.length} attestors of the bridge ${contract}`,
      text: `Let arrive what the other chain sent: ${routes.map(routeWords).join("; ")}. Nothing arrives beyond what is outstanding. With ${quorum} stolen keys that is what can be forged; ${attestors.length - quorum + 1} that are lost stop all arrivals.`,
    },
    {
      role: `the guard of the bridge ${contract}`,
      text: `Anyone may have it pause the group "${group}" for ${durationOf(tripSeconds)} when a route reaches its level (${routes.map(({ tripBps }) => percentOf(tripBps)).join(", ")} of the cap). A pause that m1 guardians signed for several chains, which anyone may carry, pauses ${groups}.`,
    },
  ];
}

function routeWords({ remote, token, cap, windowSeconds, tiers }: RouteFile): string {
  const waits = tiers
    .filter(({ delaySeconds }) => delaySeconds > 0)
    .map(({ aboveBps, delaySeconds }) => `from ${percentOf(aboveBps)} on after ${durationOf(delaySeconds)}`);
  return `from chain ${remote} at most ${cap} units of ${token} per ${durationOf(windowSeconds)}, and twice that within any one window, ${waits.join(", ")} in which guardians can hold it`;
}
