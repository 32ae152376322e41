// What a configuration may import: `import { defineConfig } from "testudo"`. The one package entry.
export { type AaveMarketPlace, type AavePlace, aaveAdapter } from "@testudo/core/adapters/aaveAdapter";
export { type CoveredCallPlace, coveredCallAdapter } from "@testudo/core/adapters/coveredCallAdapter";
export { type CuriePlace, curieAdapter } from "@testudo/core/adapters/curieAdapter";
export {
  type MorphoBluePlace,
  type MorphoMarketPlace,
  morphoBlueAdapter,
} from "@testudo/core/adapters/morphoBlueAdapter";
export { type ReferencePerpPlace, referencePerpAdapter } from "@testudo/core/adapters/referencePerpAdapter";
export { lendingDetectors, optionsDetectors, perpDetectors } from "@testudo/core/detectors/derivativeDetectors";
export { detectAdminChange } from "@testudo/core/detectors/detectAdminChange";
export { detectApprovalPhish } from "@testudo/core/detectors/detectApprovalPhish";
export { detectAssetDrain } from "@testudo/core/detectors/detectAssetDrain";
export { detectBadProposal } from "@testudo/core/detectors/detectBadProposal";
export { detectBridgeUnbacked } from "@testudo/core/detectors/detectBridgeUnbacked";
export { detectCallTree } from "@testudo/core/detectors/detectCallTree";
export { detectCollateralJump } from "@testudo/core/detectors/detectCollateralJump";
export { detectFlashLoan } from "@testudo/core/detectors/detectFlashLoan";
export { detectFlashVote } from "@testudo/core/detectors/detectFlashVote";
export { detectImpactThenUse } from "@testudo/core/detectors/detectImpactThenUse";
export { detectOracleDeviation } from "@testudo/core/detectors/detectOracleDeviation";
export { detectOracleFrontrun } from "@testudo/core/detectors/detectOracleFrontrun";
export { detectOracleStale } from "@testudo/core/detectors/detectOracleStale";
export { detectOracleWriter } from "@testudo/core/detectors/detectOracleWriter";
export { detectOutflow } from "@testudo/core/detectors/detectOutflow";
export { detectReentrancy } from "@testudo/core/detectors/detectReentrancy";
export { detectShareInflation } from "@testudo/core/detectors/detectShareInflation";
export { detectSuspiciousDeploy } from "@testudo/core/detectors/detectSuspiciousDeploy";
export { detectUnseenPath } from "@testudo/core/detectors/detectUnseenPath";
export { detectVolume } from "@testudo/core/detectors/detectVolume";
export { invariant } from "@testudo/core/detectors/invariant";
export { zeroConfigDetectors } from "@testudo/core/detectors/zeroConfig";
export { pause } from "@testudo/core/governance/pause";
export { pausePlaybook } from "@testudo/core/governance/pausePlaybook";
export { rulePlaybook } from "@testudo/core/governance/rulePlaybook";
export { type Together, when } from "@testudo/core/governance/when";
export type { Detector, DetectorUse } from "@testudo/core/model/Detector";
export { useDetector } from "@testudo/core/model/Detector";
export { type FrameId, frameIdOf } from "@testudo/core/model/FrameId";
export type { LendingAdapter } from "@testudo/core/model/LendingAdapter";
export type { OptionsVaultAdapter } from "@testudo/core/model/OptionsVaultAdapter";
export type { PerpAdapter } from "@testudo/core/model/PerpAdapter";
export type { Playbook } from "@testudo/core/model/Playbook";
export { z } from "zod";
export type { ContractSource, Contracts } from "./author/ContractSource.ts";
export type { DetectorApp, DetectorDefinition } from "./author/DetectorDefinition.ts";
export { type DefinedDetector, defineDetector } from "./author/defineDetector.ts";
export type { ChannelConfig, EscalationConfig, SecretRef } from "./config/ChannelConfig.ts";
export type { Config, PolicyConfig, ProtectConfig, RelayConfig, RuleBoundsConfig } from "./config/Config.ts";
export { defineConfig } from "./config/defineConfig.ts";
export { env } from "./config/env.ts";
export type { DeploymentConfig } from "./deploy/Deployment.ts";
export { defineDeployment } from "./deploy/defineDeployment.ts";
export { type FortaAdapterOptions, fortaAdapter } from "./interop/forta/fortaAdapter.ts";
