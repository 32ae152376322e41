import { anvilAccount } from "@testudo/chain/fork/anvilAccount";
import type { Anvil } from "@testudo/chain/fork/startAnvil";
import type { Endpoint } from "@testudo/chain/rpc/rpcEndpoint";
import { type Address, toLower } from "@testudo/core/model/Hex";
import type { Signer } from "@testudo/core/model/Signer";
import { deployDefence, gateCode, planDefence } from "./deployDefence.ts";
import type { Defence, GatedScenario, Scenario, Stage } from "./Scenario.ts";

/** Deploys the protocol of `scenario` with its defence: its own, or gates, breaker, council and slow roles around it. */
export async function deployDefended(
  anvil: Anvil,
  endpoint: Endpoint,
  scenario: Scenario,
  seed: number,
  guardians: readonly Signer[],
): Promise<{ readonly stage: Stage; readonly defence: Defence }> {
  const addresses = guardians.map((guardian) => guardian.address);
  if ("setupDefended" in scenario) return scenario.setupDefended({ rpcUrl: anvil.url, seed, guardians: addresses });
  return deployGated(anvil, endpoint, scenario, seed, addresses);
}

async function deployGated(
  anvil: Anvil,
  endpoint: Endpoint,
  scenario: GatedScenario,
  seed: number,
  guardians: readonly Address[],
): Promise<{ readonly stage: Stage; readonly defence: Defence }> {
  const owners = [5, 6, 7, 8, 9].map((index) => toLower(anvilAccount(index).address));
  const deployer = toLower(anvilAccount(0).address);
  const { breaker, council } = planDefence(deployer);
  const roles = await scenario.deploySlowRoles({ rpcUrl: anvil.url, owners, council });
  const stage = await scenario.setup({
    rpcUrl: anvil.url,
    seed,
    gateCode: (implementation, initData) => gateCode(implementation, initData, breaker, roles.timelock),
  });
  const defence = await deployDefence(endpoint, deployer, roles, guardians, stage.protect);
  return { stage, defence };
}
