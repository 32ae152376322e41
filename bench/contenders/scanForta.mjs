// forta-agent's own `run --range`, called through its own container, with what its command line reads from files given
// directly. Its cache is emptied for every round, because a back-scan is of blocks that were not seen before.
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const peers = createRequire(new URL("../peers/package.json", import.meta.url));
const configureContainer = peers("forta-agent/dist/cli/di.container.js").default;
const { asValue } = createRequire(peers.resolve("forta-agent"))("awilix");
const bot = fileURLToPath(new URL("../peers/fortaBot", import.meta.url));

/**
 * Runs the bot over blocks `from` to `to`; with `withTraces` it fetches each block's `trace_block` too, with `withState` the
 * bot reads what our detectors read of this load's contracts.
 */
export async function scanForta({ url, from, to, treasury, token }, { withTraces = false, withState = false } = {}) {
  // Where the SDK's provider looks for the node.
  process.env.JSON_RPC_HOST = new URL(url).host;
  const container = configureContainer({ contextPath: bot, range: `${from}..${to}`, nocache: true });
  const cache = new Map();
  container.register({
    jsonRpcUrl: asValue(url),
    traceRpcUrl: asValue(withTraces ? url : undefined),
    cache: asValue({ getKey: (key) => cache.get(key), setKey: (key, value) => cache.set(key, value), save() {} }),
    fortaConfig: asValue({}),
  });
  const { readTally, resetTally } = createRequire(bot)(`${bot}/src/agent.js`);
  resetTally(withState ? { treasury, token } : undefined);
  const runBlockRange = container.resolve("runBlockRange");
  const started = performance.now();
  await runBlockRange(`${from}..${to}`);
  const ms = performance.now() - started;
  return { ms, ...readTally() };
}
