import type { DeployModule } from "./DeployModule.ts";
import type { Deployment } from "./Deployment.ts";
import { breakerModule, groupId } from "./modules/breaker.ts";
import { councilModule } from "./modules/council.ts";
import { flowModule } from "./modules/flow.ts";
import { fundModule } from "./modules/fund.ts";
import { latencyModule } from "./modules/latency.ts";
import { marginModule } from "./modules/margin.ts";
import { oracleModule } from "./modules/oracle.ts";
import { stewardModule } from "./modules/steward.ts";
import { timelockModule } from "./modules/timelock.ts";

/** The modules that `file` asks for, in the order in which they are created: what a constructor reads stands before it. */
export function modulesOf(
  file: Deployment,
  { slowWalletIsKey }: { readonly slowWalletIsKey: boolean },
): readonly DeployModule[] {
  const marketId = (name: string) => file.oracle!.markets.find((market) => market.name.name === name)!.name.id;
  const others = [
    ...(file.flow ?? []).map((flow) => flowModule(flow, groupId(file, flow.group))),
    ...(file.oracle === undefined ? [] : [oracleModule(file.oracle)]),
    ...(file.latency === undefined ? [] : [latencyModule(file.latency, marketId)]),
    ...(file.fund === undefined ? [] : [fundModule(file.fund)]),
    ...(file.margin === undefined ? [] : [marginModule(file.margin)]),
    ...(file.steward === undefined ? [] : [stewardModule(file.steward)]),
  ];
  return [
    breakerModule(file, others),
    councilModule(file.council, slowWalletIsKey),
    timelockModule(file.timelock),
    ...others,
  ];
}
