// `npm run bench:evm`: our engine beside forge, EDR and @ethereumjs/evm on the same contracts, in turns; docs/evm-figures.md.
// `--rounds N` (5), `--only NAME` (Pair, Perp, Curie, Morpho), `--json` for one object on standard output.
import { loadavg } from "node:os";
import { parseArgs } from "node:util";
import { describeMachine } from "./detect/describeMachine.mjs";
import { forgeTime } from "./evm/forgeTime.mjs";
import { depth, openCompute, openFuzz, openInvariant, openSnapshots, rateOf } from "./evm/measureOurs.mjs";
import { openEdr, openEthereumjs, rateOfAsync } from "./evm/measurePeers.mjs";
import { measureStart } from "./evm/measureStart.mjs";
import { differences, renderEvm } from "./evm/renderEvm.mjs";
import { world } from "./evm/worlds.mjs";
import { median, spreadOf } from "./statistics.mjs";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "5" },
    only: { type: "string" },
    json: { type: "boolean", default: false },
  },
});
const rounds = Number(values.rounds);
const seconds = 0.5;
// So many runs take forge three seconds or more, and its start at most one: what the start varies by is little of it.
const sizes = {
  Pair: { fuzz: 12_000, invariant: 200 },
  Perp: { fuzz: 5_000, invariant: 60 },
  Curie: { fuzz: 400, invariant: 10 },
  Morpho: { fuzz: 12_000, invariant: 200 },
};
const aims = { invariant: 20, fuzz: 4, snapshot: 100, compute: 1.2 };
const before = loadavg();
const start = await measureStart();
const worlds = [];
for (const name of values.only === undefined ? Object.keys(sizes) : [values.only]) worlds.push(await subjectOf(name));
const compute = await openCompute();
const computePeer = await openEthereumjs();
const samples = [];
for (let round = 0; round < rounds; round++) {
  for (const subject of worlds) {
    await measure(subject);
    process.stderr.write(`round ${round + 1}: ${subject.world.title}\n`);
  }
  measureCompute();
  await measureComputePeer();
}
const result = {
  setting: describeMachine(process.argv.slice(2), before, "bench:evm"),
  start,
  rows: rowsOf(),
  tallies: worlds.map(({ world: { title }, invariant, fuzz, snapshots }) => ({
    title,
    invariant: invariant.tally,
    fuzz: fuzz.tally,
    snapshots: snapshots.tally,
  })),
  differences,
};
process.stdout.write(values.json ? `${JSON.stringify(result)}\n` : renderEvm(result));
process.exit(0);

async function subjectOf(name) {
  const it = await world(name);
  const parts = {
    invariant: await openInvariant(it),
    fuzz: await openFuzz(it),
    snapshots: await openSnapshots(it),
    edr: await openEdr(it),
  };
  // Warm, as a search is after its first tenth of a second.
  for (const part of [parts.invariant, parts.fuzz, parts.snapshots]) rateOf(part.round, 0.3);
  const settings = (runs) => ({
    FOUNDRY_FUZZ_RUNS: String(runs),
    FOUNDRY_INVARIANT_RUNS: String(runs),
    FOUNDRY_INVARIANT_DEPTH: String(depth),
  });
  return { world: it, settings, starts: { fuzz: [], invariant: [] }, ...parts };
}

async function measure({ world: it, settings, starts, invariant, fuzz, snapshots, edr }) {
  const size = sizes[it.name];
  // Forge's start is that of runs of one case, the median of all rounds so far.
  const secondsOf = (test, work) => {
    starts[work].push(forgeTime(test, it, settings(1)).seconds);
    return forgeTime(test, it, settings(1 + size[work])).seconds - median(starts[work]);
  };
  const invariantTime = secondsOf("invariant_holds", "invariant");
  keep("invariant", it.title, rateOf(invariant.round, seconds), (size.invariant * depth) / invariantTime);
  const fuzzTime = secondsOf("testFuzz_five", "fuzz");
  keep("fuzz", it.title, rateOf(fuzz.round, seconds), (size.fuzz * 5) / fuzzTime);
  keep("snapshot", it.title, rateOf(snapshots.round, seconds), await rateOfAsync(edr, seconds));
}

function measureCompute() {
  const none = { name: "Pair", at: { number: 1, timestamp: 1 }, handler: "0x0000000000000000000000000000000000000001" };
  const work = forgeTime("test_work", none, {});
  const gas = Number(/gas: (\d+)/.exec(work.said)[1]);
  const time = work.seconds - forgeTime("test_little", none, {}).seconds;
  keep("compute", "keccak and mulDiv", rateOf(compute.round, seconds), gas / 1e6 / time);
}

async function measureComputePeer() {
  keep(
    "compute, @ethereumjs/evm",
    "keccak and mulDiv",
    rateOf(compute.round, seconds),
    await rateOfAsync(computePeer, seconds),
  );
}

function keep(work, contract, ours, peer) {
  samples.push({ work, contract, ours, peer });
}

function rowsOf() {
  const keys = [...new Set(samples.map(({ work, contract }) => `${work}|${contract}`))];
  return keys.map((key) => {
    const [work, contract] = key.split("|");
    const own = samples.filter((one) => one.work === work && one.contract === contract);
    const ratio = spreadOf(
      own.map(({ ours, peer }) => ours / peer),
      2,
    );
    const aim = aims[work];
    return {
      work,
      contract,
      ours: spreadOf(
        own.map((one) => one.ours),
        1,
      ),
      peer: spreadOf(
        own.map((one) => one.peer),
        1,
      ),
      ratio,
      ...(aim === undefined ? {} : { aim, reached: ratio.median >= aim }),
    };
  });
}
