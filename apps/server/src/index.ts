// What a configuration may import: `import { defineConfig } from "testudo"`.
export { pausePlaybook } from "@testudo/core/governance/pausePlaybook";
export { useDetector } from "@testudo/core/model/Detector";
export type { ChannelConfig, Config, PolicyConfig } from "./config/Config.ts";
export { defineConfig } from "./config/defineConfig.ts";
export { env } from "./config/env.ts";
