// A pause that the contracts refuse shows in the attack otherwise: each of them is asked what a pause will ask of it.
import type { Endpoint } from "@testudo/chain/rpc/rpcEndpoint";
import { circuitBreaker, guardianCouncil } from "@testudo/contracts";
import { countOf } from "@testudo/core/model/countOf";
import { type Address, type Hex, toLower } from "@testudo/core/model/Hex";
import type { Policy } from "@testudo/core/model/Policy";
import { hexToString } from "viem/utils";
import { printable } from "../../deliver/printable.ts";
import { ask, hasCode } from "../../deploy/askChain.ts";
import { atNode } from "./atNode.ts";
import { type Check, fail, ok, warn } from "./Check.ts";
import { isPausable } from "./kinds.ts";

const name = "pauses";

/** Whether council and breaker of `policy` stand, know each other, its guardians and its functions. */
export async function checkPauses(url: string, policy: Policy | null): Promise<readonly Check[]> {
  return policy === null ? [] : atNode(url, name, (endpoint) => checkAll(endpoint, policy));
}

async function checkAll(endpoint: Endpoint, policy: Policy): Promise<readonly Check[]> {
  const { breaker, council } = policy;
  const missing: Check[] = [];
  for (const [what, address] of [
    ["breaker", breaker],
    ["council", council],
  ] as const)
    if (!(await hasCode(endpoint, address)))
      missing.push(fail(name, `The ${what} ${address} has no code on this chain.`, `Correct \`policy.${what}\`.`));
  if (missing.length > 0) return missing;
  const checks = [
    ...(await checkEachOther(endpoint, policy)),
    ...(await checkGuardians(endpoint, policy)),
    ...(await checkFunctions(endpoint, policy)),
  ];
  const functions = policy.permissions.reduce((sum, { selectors }) => sum + selectors.length, 0);
  return checks.length > 0
    ? checks
    : [ok(name, `the council may pause ${countOf(functions, "function")} at ${breaker}`)];
}

async function checkEachOther(endpoint: Endpoint, { breaker, council }: Policy): Promise<readonly Check[]> {
  const checks: Check[] = [];
  const named = await ask<Address>(endpoint, breaker, circuitBreaker.abi, "council");
  if (named === undefined)
    checks.push(fail(name, `${breaker} answers as no breaker does.`, "Correct `policy.breaker`."));
  else if (toLower(named) !== council)
    checks.push(fail(name, `The breaker ${breaker} obeys the council ${toLower(named)}.`, "Correct `policy.council`."));
  const obeyed = await ask<Address>(endpoint, council, guardianCouncil.abi, "breaker");
  if (obeyed === undefined)
    checks.push(fail(name, `${council} answers as no council does.`, "Correct `policy.council`."));
  else if (toLower(obeyed) !== breaker)
    checks.push(
      fail(name, `The council ${council} speaks to the breaker ${toLower(obeyed)}.`, "Correct `policy.breaker`."),
    );
  if (checks.length > 0) return checks;
  const health = await ask<readonly [boolean, Hex]>(endpoint, council, guardianCouncil.abi, "healthy");
  if (health === undefined || health[0]) return [];
  const why = textOf(health[1]);
  return [warn(name, `The council reports "${why}".`, "Have its members or the timelock mend it.")];
}

async function checkGuardians(endpoint: Endpoint, { council, guardians, quorum }: Policy): Promise<readonly Check[]> {
  const { abi } = guardianCouncil;
  const thresholds = await ask<readonly [number, number, number]>(endpoint, council, abi, "thresholds");
  if (thresholds === undefined) return [];
  const checks: Check[] = [];
  const [m1] = thresholds;
  if (quorum < m1)
    checks.push(
      fail(
        name,
        `The council wants ${countOf(m1, "signature")} for a pause, the policy waits for ${quorum}: it would be refused.`,
        `Name \`policy.quorum\` ${m1}.`,
      ),
    );
  for (const guardian of guardians) {
    const member = await ask<readonly [boolean, number, number]>(endpoint, council, abi, "memberOf", [guardian]);
    if (member !== undefined && !member[0])
      checks.push(
        fail(
          name,
          `The guardian ${guardian} is no member of the council: what they sign is refused.`,
          "Correct `policy.guardians`, or have the council take them in.",
        ),
      );
  }
  return checks;
}

async function checkFunctions(endpoint: Endpoint, { breaker, permissions }: Policy): Promise<readonly Check[]> {
  const { abi } = circuitBreaker;
  const checks: Check[] = [];
  for (const { target, name: contract, selectors } of permissions) {
    const health = await ask<readonly [boolean, Hex]>(endpoint, breaker, abi, "targetHealthy", [target]);
    const why = health === undefined || health[0] ? undefined : textOf(health[1]);
    if (why !== undefined && why !== "target is not registered")
      checks.push(
        fail(
          name,
          `${contract} (${target}) does not obey the breaker: "${why}".`,
          "Wire the contract to this breaker.",
        ),
      );
    for (const selector of selectors) {
      const kind = await ask<number>(endpoint, breaker, abi, "kindOf", [target, selector]);
      if (kind === undefined || isPausable(kind)) continue;
      const what = `${selector} of ${contract} (${target})`;
      checks.push(
        kind === 0
          ? fail(name, `The breaker does not know ${what}.`, "Have the timelock register it as guarded (`register`).")
          : fail(name, `The breaker has ${what} as exempt: it cannot be paused.`, "Take it out of the policy."),
      );
    }
  }
  return checks;
}

function textOf(why: Hex): string {
  return printable(hexToString(why, { size: 32 }));
}
