import { fork } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { mineBlock, startLoad } from "../load/chain.mjs";

const gwei = (count) => `0x${(count * 10 ** 9).toString(16)}`;
const patienceMs = 30_000;

/**
 * Mines `blocks` blocks, one every `paceMs`, each with a theft, and measures for each how long it takes until the alert
 * about it is stored: from the block's arrival and from the order to mine it, in milliseconds. The first `warmUp` blocks
 * are not in the result. Throws when a block has no alert.
 */
export function runLatency({ blocks, paceMs, warmUp }) {
  return withWatch(async (load, told) => {
    const mined = await mineThefts(load, { count: warmUp + blocks, paceMs });
    const last = mined.at(-1).block;
    await until(() => told.stored.has(last));
    return mined.slice(warmUp).map(({ block, minedAtMs }) => latencyOf(told.stored.get(block), block, minedAtMs));
  });
}

/**
 * Replaces the newest `depth` blocks, each with a theft, `reorgs` times, and measures how long it takes from the order until
 * the retraction of their alerts is stored. Throws when one is not.
 */
export function runReorgs({ reorgs, depth, paceMs }) {
  return withWatch(async (load, told) => {
    const results = [];
    for (let i = 0; i < reorgs; i++) {
      const mined = await mineThefts(load, { count: depth, paceMs });
      await until(() => told.stored.has(mined.at(-1).block));
      const seen = told.reorgs.length;
      const orderedAtMs = Date.now();
      // What is taken out of the chain does not come back by itself; the treasury is as full as it was.
      await load.node.request("anvil_reorg", [depth, []]);
      await until(() => told.reorgs.length > seen);
      const reorg = told.reorgs[seen];
      if (reorg === undefined) throw new Error(`Reorg ${i + 1} was not seen within ${patienceMs} ms.`);
      if (reorg.retracted < depth) throw new Error(`Of ${depth} alerts ${reorg.retracted} were retracted.`);
      results.push({ ms: reorg.storedAtMs - orderedAtMs, retracted: reorg.retracted });
      await sleep(paceMs);
    }
    return results;
  });
}

/** Starts a chain and a watch of it, lets `measure` have them, and ends both. */
async function withWatch(measure) {
  const load = await startLoad();
  const child = fork(fileURLToPath(new URL("watch.mjs", import.meta.url)), {
    // Standard output belongs to the figures.
    stdio: ["ignore", 2, "inherit", "ipc"],
  });
  try {
    const told = { stored: new Map(), reorgs: [] };
    const ready = new Promise((resolve, reject) => {
      child.once("exit", (code) => reject(new Error(`The watch ended with code ${code}.`)));
      child.on("message", (message) => {
        if (message.kind === "ready") resolve();
        else if (message.kind === "reorg") told.reorgs.push(message);
        else told.stored.set(message.block, message);
      });
    });
    child.send({ url: load.anvil.url, treasury: load.treasury, token: load.token });
    await ready;
    return await measure(load, told);
  } finally {
    child.removeAllListeners("exit");
    const gone = new Promise((resolve) => child.once("exit", resolve));
    if (child.connected) child.disconnect();
    if (child.exitCode === null) await gone;
    load.node.close();
    await load.anvil.stop();
  }
}

async function until(isThere) {
  for (const end = Date.now() + patienceMs; !isThere() && Date.now() < end; ) await sleep(20);
}

function latencyOf(told, block, minedAtMs) {
  if (told === undefined) throw new Error(`Block ${block} was not stored within ${patienceMs} ms.`);
  if (told.alerts === 0) throw new Error(`Block ${block} has a theft and no alert.`);
  return { fromArrivalMs: told.storedAtMs - told.receivedAtMs, fromMiningMs: told.storedAtMs - minedAtMs };
}

// The theft pays more and comes first; then traffic; then the treasury is filled up again for the next block.
async function mineThefts({ node, senders, token, treasury, call, mint }, { count, paceMs }) {
  const [owner, thief, ...others] = senders;
  const taken = (10n ** 24n * 6n) / 10n;
  const mined = [];
  for (let i = 0, nextAt = Date.now(); i < count; i++, nextAt += paceMs) {
    await sleep(Math.max(0, nextAt - Date.now()));
    const traffic = others
      .slice(0, 2)
      .map((from, k) => ({ from, to: treasury, data: call("pay", [BigInt(i * 2 + k)]) }));
    const minedAtMs = await mineBlock(node, [
      { from: thief, to: treasury, data: call("take", [6_000n]), gasPrice: gwei(4) },
      ...traffic,
      { from: owner, to: token, data: mint(taken), gasPrice: gwei(1.5) },
    ]);
    mined.push({ block: Number(await node.request("eth_blockNumber")), minedAtMs });
  }
  return mined;
}
