// What a configuration may import: `import { defineConfig } from "testudo"`. The one package entry.
export { detectAdminChange } from "@testudo/core/detectors/detectAdminChange";
export { detectAssetDrain } from "@testudo/core/detectors/detectAssetDrain";
export { detectCollateralJump } from "@testudo/core/detectors/detectCollateralJump";
export { detectFlashLoan } from "@testudo/core/detectors/detectFlashLoan";
export { detectImpactThenUse } from "@testudo/core/detectors/detectImpactThenUse";
export { detectOracleDeviation } from "@testudo/core/detectors/detectOracleDeviation";
export { detectOutflow } from "@testudo/core/detectors/detectOutflow";
export { detectReentrancy } from "@testudo/core/detectors/detectReentrancy";
export { invariant } from "@testudo/core/detectors/invariant";
export { zeroConfigDetectors } from "@testudo/core/detectors/zeroConfig";
export { pausePlaybook } from "@testudo/core/governance/pausePlaybook";
export type { Detector, DetectorUse } from "@testudo/core/model/Detector";
export { useDetector } from "@testudo/core/model/Detector";
export type { Playbook } from "@testudo/core/model/Playbook";
export type { ChannelConfig, Config, PolicyConfig, ProtectConfig } from "./config/Config.ts";
export { defineConfig } from "./config/defineConfig.ts";
export { env } from "./config/env.ts";
