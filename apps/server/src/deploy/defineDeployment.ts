import type { DeploymentConfig } from "./Deployment.ts";

// Registered, so that a deployment made by another copy of this program is known as well.
const mark = Symbol.for("testudo.deployment");

/**
 * Marks `deployment` as the description of a deployment and gives the editor its types; checks happen when it is loaded.
 *
 * @example
 * export default defineDeployment({ chainId: 1, protect: [{ … }], council: { … }, slowWallet: "0x…", timelock: { … } });
 */
export function defineDeployment(deployment: DeploymentConfig): DeploymentConfig {
  const copy = { ...deployment };
  Object.defineProperty(copy, mark, { value: true });
  return copy;
}

/** Whether `value` came out of `defineDeployment`. */
export function isDeployment(value: unknown): value is DeploymentConfig {
  return typeof value === "object" && value !== null && (value as { [mark]?: unknown })[mark] === true;
}
