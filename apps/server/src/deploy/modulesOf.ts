import type { DeployModule } from "./DeployModule.ts";
import type { Deployment } from "./Deployment.ts";
import { bountyModule } from "./modules/bounty.ts";
import { breakerModule, groupId } from "./modules/breaker.ts";
import { bridgeModule } from "./modules/bridge.ts";
import { councilModule } from "./modules/council.ts";
import { flowModule } from "./modules/flow.ts";
import { fundModule } from "./modules/fund.ts";
import { hookModule } from "./modules/hook.ts";
import { latencyModule } from "./modules/latency.ts";
import { marginModule } from "./modules/margin.ts";
import { morphoModule } from "./modules/morpho.ts";
import { oracleModule } from "./modules/oracle.ts";
import { oracleTripperModule } from "./modules/oracleTripper.ts";
import { stewardModule } from "./modules/steward.ts";
import { timelockModule } from "./modules/timelock.ts";

/** The modules that `file` asks for, in the order in which they are created: what a constructor reads stands before it. */
export function modulesOf(
  file: Deployment,
  { slowWalletIsKey }: { readonly slowWalletIsKey: boolean },
): readonly DeployModule[] {
  const marketId = (name: string) => file.oracle!.markets.find((market) => market.name.name === name)!.name.id;
  const groupOf = (name: string) => groupId(file, name);
  const others = [
    ...(file.flow ?? []).map((flow) => flowModule(flow, groupOf(flow.group))),
    ...(file.oracle === undefined ? [] : [oracleModule(file.oracle)]),
    ...(file.latency === undefined ? [] : [latencyModule(file.latency, marketId)]),
    ...(file.fund === undefined ? [] : [fundModule(file.fund)]),
    ...(file.margin === undefined ? [] : [marginModule(file.margin)]),
    ...(file.steward === undefined ? [] : [stewardModule(file.steward)]),
    ...(file.oracleTrippers ?? []).map((item) => oracleTripperModule(item, marketId(item.market), groupOf(item.group))),
    ...(file.bounty === undefined ? [] : [bountyModule(file.bounty, file.hook === undefined ? [] : ["hook"])]),
    ...(file.hook === undefined ? [] : [hookModule(file.hook, groupOf)]),
    ...(file.bridge ?? []).map((item) => bridgeModule(item, groupOf)),
    ...(file.morpho ?? []).map((item) => morphoModule(item, marketId(item.market))),
  ];
  return [
    breakerModule(file, others),
    councilModule(file.council, slowWalletIsKey),
    timelockModule(file.timelock),
    ...others,
  ];
}
