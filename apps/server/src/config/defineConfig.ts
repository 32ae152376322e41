import type { Config } from "./Config.ts";

// Registered, so that a configuration made by another copy of this program is known as well.
const mark = Symbol.for("testudo.config");

/**
 * Marks `config` as a configuration and gives the editor its types; checks happen when it is loaded.
 *
 * @example
 * export default defineConfig({ rpc: ["http://127.0.0.1:8545"], protect: ["0x…"] });
 */
export function defineConfig(config: Config): Config {
  const copy = { ...config };
  Object.defineProperty(copy, mark, { value: true });
  return copy;
}

/** Whether `value` came out of `defineConfig`. */
export function isConfig(value: unknown): value is Config {
  return typeof value === "object" && value !== null && (value as { [mark]?: unknown })[mark] === true;
}
