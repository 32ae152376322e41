import type { Endpoint } from "@testudo/chain/rpcEndpoint";
import type { Anvil } from "@testudo/chain/startAnvil";
import { toLower } from "@testudo/core/model/Hex";
import type { Signer } from "@testudo/core/model/Signer";
import { deployDefence, gateCode, planDefence } from "./deployDefence.ts";
import { drillAccount } from "./drillAccount.ts";
import type { Defence, Scenario, Stage } from "./Scenario.ts";

/** Deploys the slow roles, the protocol of `scenario` behind gates, and breaker and council over it. */
export async function deployDefended(
  anvil: Anvil,
  endpoint: Endpoint,
  scenario: Scenario,
  seed: number,
  guardians: readonly Signer[],
): Promise<{ readonly stage: Stage; readonly defence: Defence }> {
  const owners = [5, 6, 7, 8, 9].map((index) => toLower(drillAccount(index).address));
  const deployer = toLower(drillAccount(0).address);
  const { breaker, council } = planDefence(deployer);
  const roles = await scenario.deploySlowRoles({ rpcUrl: anvil.url, owners, council });
  const stage = await scenario.setup({
    rpcUrl: anvil.url,
    seed,
    gateCode: (implementation, initData) => gateCode(implementation, initData, breaker, roles.timelock),
  });
  const addresses = guardians.map((guardian) => guardian.address);
  const defence = await deployDefence(endpoint, deployer, roles, addresses, stage.protect);
  return { stage, defence };
}
