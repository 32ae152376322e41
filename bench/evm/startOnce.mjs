// One start of the engine, in a process of its own: the time until it is ready; how soon after its first run a search has its
// full speed; and its speed in the first tenth of a second as a share of that.
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
const { openFuzz } = await import("./measureOurs.mjs");
const { world } = await import("./worlds.mjs");
const { round } = await openFuzz(await world("Pair"));

const sliceMs = 10;
const slices = 200;
const perMs = [];
const start = performance.now();
let last = start;
for (let units = round(); perMs.length < slices; units += round()) {
  const now = performance.now();
  if (now - start < (perMs.length + 1) * sliceMs) continue;
  // A round may take longer than a slice, in the beginning.
  const speed = units / (now - last);
  while (perMs.length < slices && now - start >= (perMs.length + 1) * sliceMs) perMs.push(speed);
  units = 0;
  last = now;
}
const mean = (list) => list.reduce((sum, one) => sum + one, 0) / list.length;
// What is reached for good: nineteen twentieths of what the second second has on average, for a twentieth of a second on average.
const full = mean(perMs.slice(slices / 2));
const held = 5;
const reached = perMs.findIndex((_, i) => mean(perMs.slice(i, i + held)) >= 0.95 * full);
process.stdout.write(
  JSON.stringify({
    readyMs,
    readyCpuMs,
    wasmBytes: Buffer.from(engineModule, "base64").length,
    fullSpeedMs: reached * sliceMs,
    firstShare: mean(perMs.slice(0, 10)) / full,
  }),
);
