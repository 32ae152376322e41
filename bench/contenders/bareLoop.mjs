// The least that reads a chain correctly: batches of 25 over a kept-alive connection, logs by block hash, each block's
// parent checked, each log decoded, counted and summed. It keeps nothing and survives nothing.
import { Agent, request } from "node:http";
import { toFunctionSelector } from "viem";

const batchBlocks = 25;
const [priceCall, pricedAtCall, debtCall, balanceOfCall, positionCall] = [
  "price()",
  "pricedAt()",
  "debt()",
  "balanceOf(address)",
  "positionOf(address)",
].map((signature) => toFunctionSelector(`function ${signature}`));
const transfer = "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef";

/**
 * Scans blocks `from` to `to`; with `withTraces` it fetches each block's call trees too, as our scan of this load does from
 * what the node remembers, and counts their frames, with
 * `withState` it also makes the calls that the detectors make at every block of this load, at the block's hash.
 */
export async function scanBare({ url, from, to, treasury, token }, { withTraces = false, withState = false } = {}) {
  const post = openPost(url);
  const started = performance.now();
  const tally = { events: 0, txs: 0, frames: 0, answers: 0, sums: new Map() };
  let parent;
  for (let at = from; at <= to; at += batchBlocks) {
    const numbers = Array.from({ length: Math.min(batchBlocks, to - at + 1) }, (_, i) => at + i);
    const blocks = await post(numbers.map((n) => ["eth_getBlockByNumber", [`0x${n.toString(16)}`, true]]));
    for (const block of blocks) {
      if (parent !== undefined && block.parentHash !== parent)
        throw new Error(`Block ${block.number} has another parent.`);
      parent = block.hash;
      tally.txs += block.transactions.length;
    }
    const [logs, traces, answers] = await Promise.all([
      post(blocks.map(({ hash }) => ["eth_getLogs", [{ blockHash: hash }]])),
      withTraces ? post(blocks.map(({ number }) => ["trace_block", [number]])) : [],
      withState ? post(blocks.flatMap((block) => stateCalls(block, treasury, token))) : [],
    ]);
    tally.answers += answers.length;
    for (const log of logs.flat()) countLog(tally, log);
    tally.frames += traces.flat().filter(({ type }) => type !== "reward").length;
  }
  const ms = performance.now() - started;
  post.close();
  const sum = [...tally.sums.values()].reduce((a, b) => a + b, 0n);
  return { ms, events: tally.events, txs: tally.txs, frames: tally.frames, answers: tally.answers, sum: `${sum}` };
}

// What the detectors read at every block: price, its time, what is owed and held, and the position of each sender.
function stateCalls({ hash, parentHash, transactions }, treasury, token) {
  const at = (blockHash) => ({ blockHash, requireCanonical: true });
  const call = (to, data, where) => ["eth_call", [{ to, data }, at(where)]];
  const word = (address) => address.slice(2).padStart(64, "0");
  return [
    call(treasury, priceCall, hash),
    call(treasury, priceCall, parentHash),
    call(treasury, pricedAtCall, hash),
    call(treasury, debtCall, hash),
    call(token, `${balanceOfCall}${word(treasury)}`, hash),
    call(token, `${balanceOfCall}${word(treasury)}`, parentHash),
    ...transactions.map(({ from }) => call(treasury, `${positionCall}${word(from)}`, hash)),
  ];
}

function countLog(tally, log) {
  if (log.topics[0] !== transfer) return;
  tally.events += 1;
  const { sums } = tally;
  const key = `${log.address} 0x${log.topics[2].slice(26)}`;
  sums.set(key, (sums.get(key) ?? 0n) + BigInt(log.data));
}

function openPost(url) {
  const agent = new Agent({ keepAlive: true });
  const post = (calls) =>
    new Promise((resolve, reject) => {
      const body = JSON.stringify(calls.map(([method, params], id) => ({ jsonrpc: "2.0", id, method, params })));
      const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(body) };
      const sent = request(url, { method: "POST", agent, headers }, (response) => {
        const chunks = [];
        response.on("data", (chunk) => chunks.push(chunk)).on("error", reject);
        response.on("end", () => {
          try {
            resolve(resultsOf(JSON.parse(Buffer.concat(chunks).toString("utf8"))));
          } catch (error) {
            reject(error);
          }
        });
      });
      sent.on("error", reject).end(body);
    });
  return Object.assign(post, { close: () => agent.destroy() });
}

function resultsOf(answers) {
  const results = [];
  for (const { id, result, error } of answers) {
    if (error) throw new Error(error.message);
    results[id] = result;
  }
  return results;
}
