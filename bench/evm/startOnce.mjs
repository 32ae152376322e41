// One start of the engine, in a process of its own: the time until it is ready, and its speed in its first tenths of a
// second of processor time as a share of that after two.
const begin = performance.now();
const used = process.cpuUsage();
const { openEngine } = await import("../../packages/evm/dist/openEngine.js");
const block = {
  number: 1n,
  timestamp: 1_750_000_000n,
  gasLimit: 1n << 60n,
  baseFeePerGas: 0n,
  coinbase: `0x${"c0".repeat(20)}`,
  prevRandao: 7n,
  excessBlobGas: 0n,
};
await openEngine({ fork: "cancun", chainId: 1n, block });
const readyMs = performance.now() - begin;
const { user, system } = process.cpuUsage(used);
const readyCpuMs = (user + system) / 1e3;
const { engineModule } = await import("../../packages/evm/dist/generated/engineModule.js");
const { openFuzz, rateOf } = await import("./measureOurs.mjs");
const { world } = await import("./worlds.mjs");
const { round } = await openFuzz(await world("Pair"));
const tenths = Array.from({ length: 20 }, () => rateOf(round, 0.1));
const full = Math.max(...tenths.slice(10));
process.stdout.write(
  JSON.stringify({
    readyMs,
    readyCpuMs,
    wasmBytes: Buffer.from(engineModule, "base64").length,
    firstShare: tenths[0] / full,
    nextShare: tenths[1] / full,
  }),
);
