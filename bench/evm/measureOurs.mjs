// What our engine does of each work, in calls a second of processor time.
import { artifact, callData, deploy, open, sender } from "./worlds.mjs";

const gas = 1n << 40n;
/** Calls of a sequence, after which everything is taken back; as forge's `depth`. */
export const depth = 100;
const feedback = { edges: true, comparisons: true };

/** A generator of 32-bit numbers: xorshift, from a seed. */
function numbers(seed) {
  let x = seed;
  return () => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return x >>> 0;
  };
}

const cpuSeconds = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};

/** Runs `round`, which does so many units, for about `seconds`; units a second. */
export function rateOf(round, seconds) {
  const start = cpuSeconds();
  let units = 0;
  let now = start;
  do {
    units += round();
    now = cpuSeconds();
  } while (now - start < seconds);
  return units / (now - start);
}

/** Random calls of the handler, each followed by the view that must hold, with all feedback on and read. */
export async function openInvariant(world) {
  const engine = await open(world.accounts, world.at, feedback);
  const { selectors } = artifact("Handler", "Handler");
  const acts = ["enter", "trade", "adjust", "quit"].map((name) => selectors[name]);
  const batch = engine.openBatch();
  for (let i = 0; i < depth; i++) {
    batch.add({ from: sender, to: world.handler, gas, inputLength: 36 });
    const takesBack = i === depth - 1 ? "batch" : undefined;
    const view = { from: sender, to: world.handler, gas, inputLength: 4, isStatic: true, wantsOutput: true, takesBack };
    const index = batch.add(view);
    batch.input(index).set(selectors.holds);
  }
  const inputs = Array.from({ length: depth }, (_, i) => batch.input(2 * i));
  const random = numbers(0x7e57);
  const tally = { calls: 0, succeeded: 0, found: 0, held: 0, operands: 0 };
  return {
    tally,
    round() {
      for (const input of inputs) writeRandom(input, acts[random() % acts.length], random);
      batch.run();
      for (let i = 0; i < depth; i++) {
        if (batch.succeeded(2 * i)) tally.succeeded++;
        tally.found += batch.found(2 * i);
        if (batch.output(2 * i + 1)[31] === 1) tally.held++;
      }
      tally.operands += engine.comparisons().length;
      tally.calls += depth;
      return depth;
    },
  };
}

/** The fuzz test of forge's contract: four calls that change state and a view, taken back each time; feedback is on and read. */
export async function openFuzz(world) {
  const engine = await open(world.accounts, world.at, feedback);
  const { creation, selectors } = artifact("Bench.t", "Bench");
  const bench = deploy(engine, creation);
  engine.setStorage(bench, 0n, BigInt(world.handler));
  const batch = engine.openBatch();
  const runs = 50;
  for (let i = 0; i < runs; i++) batch.add({ from: sender, to: bench, gas, inputLength: 132, takesBack: "itself" });
  const inputs = Array.from({ length: runs }, (_, i) => batch.input(i));
  const random = numbers(0x7e57);
  const tally = { calls: 0, succeeded: 0, found: 0, operands: 0 };
  return {
    tally,
    round() {
      for (const input of inputs) writeRandom(input, selectors.testFuzz_five, random);
      batch.run();
      for (let i = 0; i < runs; i++) {
        if (batch.succeeded(i)) tally.succeeded += 5;
        tally.found += batch.found(i);
      }
      tally.operands += engine.comparisons().length;
      tally.calls += 5 * runs;
      return 5 * runs;
    },
  };
}

function writeRandom(input, selector, random) {
  input.set(selector);
  for (let i = 4; i < input.length; i += 4) {
    const number = random();
    input[i] = number >>> 24;
    input[i + 1] = number >>> 16;
    input[i + 2] = number >>> 8;
    input[i + 3] = number;
  }
}

/** A snapshot, a transaction with its fee rules, and the way back. */
export async function openSnapshots(world) {
  const engine = await open(world.accounts, world.at);
  engine.setBalance(sender, 10n ** 20n);
  const { selectors } = artifact("Handler", "Handler");
  const tx = {
    from: sender,
    to: world.handler,
    value: 0n,
    input: callData(selectors.enter, 12_345n),
    gas: 10_000_000n,
  };
  const tally = { calls: 0, succeeded: 0 };
  return {
    tally,
    // Many at once: to ask for the time costs as much as some of them.
    round() {
      for (let i = 0; i < 500; i++) {
        const mark = engine.snapshot();
        const sent = engine.send(tx);
        engine.rollback(mark);
        if (sent.kind === "ran" && sent.succeeded) tally.succeeded++;
        tally.calls++;
      }
      return 500;
    },
  };
}

/** Keccak and 512-bit division; a unit is a million gas. */
export async function openCompute() {
  const engine = await open({}, { number: 1, timestamp: 1_750_000_000 });
  const { creation, selectors } = artifact("Compute", "Compute");
  const to = deploy(engine, creation);
  const input = callData(selectors.work, 200n);
  const tally = { calls: 0, succeeded: 0 };
  return {
    tally,
    round() {
      const { succeeded, gasUsed } = engine.call({ from: sender, to, input, gas });
      if (succeeded) tally.succeeded++;
      tally.calls++;
      return Number(gasUsed) / 1e6;
    },
  };
}
