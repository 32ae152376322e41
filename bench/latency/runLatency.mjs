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
export async function runLatency({ blocks, paceMs, warmUp }) {
  const load = await startLoad();
  const child = fork(fileURLToPath(new URL("watch.mjs", import.meta.url)), {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  try {
    const stored = new Map();
    const ready = new Promise((resolve, reject) => {
      child.once("exit", (code) => reject(new Error(`The watch ended with code ${code}.`)));
      child.on("message", (told) => (told.kind === "ready" ? resolve() : stored.set(told.block, told)));
    });
    child.send({ url: load.anvil.url, treasury: load.treasury, token: load.token });
    await ready;
    const mined = await mineThefts(load, { count: warmUp + blocks, paceMs });
    const last = mined.at(-1).block;
    for (const until = Date.now() + patienceMs; !stored.has(last) && Date.now() < until; ) await sleep(50);
    return mined.slice(warmUp).map(({ block, minedAtMs }) => latencyOf(stored.get(block), block, minedAtMs));
  } finally {
    child.removeAllListeners("exit");
    const gone = new Promise((resolve) => child.once("exit", resolve));
    if (child.connected) child.disconnect();
    if (child.exitCode === null) await gone;
    load.node.close();
    await load.anvil.stop();
  }
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
