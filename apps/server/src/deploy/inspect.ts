// What is wrong with a deployment only where it meets the chain: addresses without code, functions that are not there,
// keys where a Safe has to be.

import type { Endpoint } from "@testudo/chain/rpcEndpoint";
import { gateProxy, guarded, selectorBreaker } from "@testudo/contracts";
import { type Address, type Hex, isAddress, toLower } from "@testudo/core/model/Hex";
import { parseAbi } from "viem";
import type { Mistake } from "../config/ConfigError.ts";
import { accountsOf } from "./accountsOf.ts";
import { ask, codeOf, hasCode, implementationOf } from "./askChain.ts";
import { daySeconds } from "./deployFields.ts";
import { hasSelector } from "./findSelector.ts";
import type { Complain, Inspected } from "./Inspected.ts";
import { inspectAccounts, inspectBridgeCaps, inspectDecimals, inspectPrograms } from "./inspectModules.ts";
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

async function inspectTarget(
  { chain, deployment, addressOf }: Inspected,
  i: number,
  complain: Complain,
): Promise<void> {
  const { name, address, mode, guarded: guardedOnes, exempt } = deployment.protect[i]!;
  const codes = await codesBehind(chain.endpoint, address);
  if (codes.length === 0)
    return complain(
      ["protect", i, "address"],
      `${name} (${address}) has no code.`,
      "Allowed: a contract that stands on this chain.",
      `Deploy it first, for the breaker at ${addressOf("breaker")}; then run this again.`,
    );
  for (const [list, functions] of [
    ["guarded", guardedOnes],
    ["exempt", exempt],
  ] as const)
    functions.forEach(({ signature, selector }, j) => {
      if (codes.some((code) => hasSelector(code, selector))) return;
      complain(
        ["protect", i, list, j],
        `${name} has no function "${signature}": ${selector} does not stand in its code.`,
        "Allowed: functions of the contract or of what its proxy delegates to, with the types of its ABI.",
        "A function that is not there cannot be paused when it matters. Correct the signature.",
      );
    });
  const names = mode === "inline" ? "selectorBreaker" : "circuitBreaker";
  const abi = mode === "inline" ? selectorBreaker.abi : guarded.abi;
  const breaker = (await ask<Address>(chain.endpoint, address, abi, names))?.toLowerCase();
  if (breaker === addressOf("breaker") || (mode === "external" && breaker === undefined)) return;
  complain(
    ["protect", i, "mode"],
    `${name} ${breaker === undefined ? `answers no ${names}()` : `names the breaker ${breaker}`}.`,
    `Allowed: a contract that obeys the breaker of this deployment, ${addressOf("breaker")}.`,
    "Its pauses would hold nothing. Deploy it for that breaker, whose address is known beforehand (--dry-run).",
  );
}

// A delay for a function that is not there looks like a rule and is none.
async function inspectDelayed({ chain, deployment }: Inspected, complain: Complain): Promise<void> {
  for (const [i, { contract, function: delayed }] of deployment.timelock.selectorDelays.entries()) {
    const known = deployment.protect.find(({ name }) => name === contract)?.address;
    const address = known ?? (isAddress(contract) ? toLower(contract) : undefined);
    if (address === undefined) continue;
    const codes = await codesBehind(chain.endpoint, address);
    if (codes.some((code) => hasSelector(code, delayed.selector))) continue;
    complain(
      ["timelock", "selectorDelays", i, "function"],
      codes.length === 0
        ? `${contract} has no code.`
        : `${contract} has no function "${delayed.signature}": ${delayed.selector} does not stand in its code.`,
      "Allowed: functions of the contract or of what its proxy delegates to, with the types of its ABI.",
      "The delay would be for nothing, and what was meant would wait delaySeconds alone. Correct the signature.",
    );
  }
}

// The code of a contract and of what it delegates to, as far as ERC-1967 and our own gate tell.
async function codesBehind(endpoint: Endpoint, address: Address): Promise<readonly Hex[]> {
  const code = await codeOf(endpoint, address);
  if (code === "0x") return [];
  const gate = await ask<readonly [Address, boolean, Address]>(endpoint, address, gateProxy.abi, "gate");
  const behind = [await implementationOf(endpoint, address), ...(gate === undefined ? [] : [gate[0]])];
  const codes = await Promise.all(behind.map((at) => codeOf(endpoint, at)));
  return [code, ...codes.filter((item) => item !== "0x")];
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
