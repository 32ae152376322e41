// What is wrong with a deployment only where it meets the chain: addresses without code, functions that are not there,
// keys where a Safe has to be.

import type { Address } from "@testudo/core/model/Hex";
import { parseAbi } from "viem/utils";
import type { Mistake } from "../config/ConfigError.ts";
import { accountsOf } from "./accountsOf.ts";
import { ask, hasCode } from "./askChain.ts";
import { daySeconds } from "./deployFields.ts";
import type { Complain, Inspected } from "./Inspected.ts";
import { inspectAccounts, inspectBridgeCaps, inspectDecimals, inspectPrograms } from "./inspectModules.ts";
import { inspectDelayed, inspectTarget } from "./inspectTargets.ts";
import { oracleSources } from "./modules/oracleSchema.ts";
import { invariantSources } from "./modules/stewardSchema.ts";
import { sourcesOf } from "./sourcesOf.ts";

/** The mistakes that show on the chain; none means that everything may be created. */
export async function inspect(subject: Inspected): Promise<readonly Mistake[]> {
  const mistakes: Mistake[] = [];
  const complain: Complain = (path, what, allowed, wayOut) =>
    void mistakes.push({ place: subject.placeOf(path), what, allowed, wayOut });
  inspectDelay(subject, complain);
  inspectDeployer(subject, complain);
  await inspectSlowWallet(subject, complain);
  for (const i of subject.deployment.protect.keys()) await inspectTarget(subject, i, complain);
  await inspectDelayed(subject, complain);
  await inspectSources(subject, complain);
  await inspectCaps(subject, complain);
  await inspectAccounts(subject, complain);
  await inspectBridgeCaps(subject, complain);
  await inspectDecimals(subject, complain);
  await inspectPrograms(subject, complain);
  return mistakes;
}

function inspectDelay({ chain, deployment }: Inspected, complain: Complain): void {
  const { delaySeconds } = deployment.timelock;
  if (chain.isDevelopment || delaySeconds >= daySeconds) return;
  complain(
    ["timelock", "delaySeconds"],
    `The timelock waits ${delaySeconds} s.`,
    "Allowed: 86400 (24 h) or more; less on a development chain only.",
    "Users have to be able to leave, and guardians to veto, before a change holds.",
  );
}

function inspectDeployer({ deployment, deployer }: Inspected, complain: Complain): void {
  for (const { path, account, role } of accountsOf(deployment))
    if (account === deployer)
      complain(
        path,
        `The ${role} ${account} is the deployer.`,
        "Allowed: another account; the deployer has no right once everything stands.",
        "Its key lies on a machine that runs scripts. Deploy with a fresh keystore.",
      );
}

async function inspectSlowWallet({ chain, deployment }: Inspected, complain: Complain): Promise<void> {
  const { slowWallet, council } = deployment;
  if (!(await hasCode(chain.endpoint, slowWallet))) {
    if (chain.isDevelopment) return;
    return complain(
      ["slowWallet"],
      `The slow wallet ${slowWallet} has no code: it is a single key, or nothing.`,
      `Allowed: a Safe whose threshold is m3 (${council.m3}) or more; a key on a development chain only.`,
      "One stolen key would propose everything that loosens. Make a Safe on this chain and name it.",
    );
  }
  const abi = parseAbi(["function getThreshold() view returns (uint256)"]);
  const threshold = await ask<bigint>(chain.endpoint, slowWallet, abi, "getThreshold");
  if (threshold !== undefined && threshold >= BigInt(council.m3)) return;
  complain(
    ["slowWallet"],
    `The slow wallet ${slowWallet} ${threshold === undefined ? "tells no threshold" : `needs ${threshold} signatures`}.`,
    `Allowed: a Safe whose threshold is m3 (${council.m3}) or more.`,
    "What m3 is for, releasing and rotating, passes through it.",
  );
}

async function inspectSources({ chain, deployment }: Inspected, complain: Complain): Promise<void> {
  const { oracle, latency, flow = [], fund, steward } = deployment;
  const needed: (readonly [readonly PropertyKey[], Address])[] = [
    ...(oracle === undefined ? [] : oracleSources(oracle)),
    ...(latency?.kinds ?? []).map(({ handler }, i) => [["latency", "kinds", i, "handler"], handler] as const),
    ...flow.flatMap(({ limits }, i) =>
      limits.map(({ asset }, j) => [["flow", i, "limits", j, "asset"], asset] as const),
    ),
    ...(fund === undefined ? [] : [[["fund", "asset"], fund.asset] as const]),
    ...(steward === undefined ? [] : [[["steward", "guardian"], steward.guardian] as const]),
    ...(steward === undefined ? [] : invariantSources(steward)),
    ...sourcesOf(deployment),
  ];
  for (const [path, address] of needed) {
    // The zero address stands for the chain's own coin in a limit.
    if (path[0] === "flow" && BigInt(address) === 0n) continue;
    if (await hasCode(chain.endpoint, address)) continue;
    const why = "Correct the address, or deploy what belongs there first.";
    complain(path, `${address} has no code.`, "Allowed: a contract that stands on this chain.", why);
  }
}

// A contract that holds nothing yet tells nothing about its limits.
async function inspectCaps({ chain, deployment }: Inspected, complain: Complain): Promise<void> {
  const abi = parseAbi(["function balanceOf(address) view returns (uint256)"]);
  for (const [i, { contract, limits }] of (deployment.flow ?? []).entries())
    for (const [j, { asset, capAbs, capBpsOfTvl }] of limits.entries()) {
      const holder = deployment.protect.find(({ name }) => name === contract)!.address;
      if (capAbs === undefined || capBpsOfTvl !== undefined || BigInt(asset) === 0n) continue;
      const held = (await ask<bigint>(chain.endpoint, asset, abi, "balanceOf", [holder])) ?? 0n;
      if (held === 0n || capAbs <= held) continue;
      complain(
        ["flow", i, "limits", j, "capAbs"],
        `The cap is ${capAbs} units of ${asset}; ${contract} holds ${held}.`,
        "Allowed: a cap that is below what there is, or one with capBpsOfTvl beside it.",
        "Above 100 % of what there is, nothing is limited. capBpsOfTvl follows the balance.",
      );
    }
}
