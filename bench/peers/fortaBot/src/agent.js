// The least a forta bot does: decode the transfers of a transaction, count and sum them, find nothing.
const transfer = "event Transfer(address indexed from, address indexed to, uint256 value)";
let tally;

function resetTally() {
  tally = { events: 0, txs: 0, frames: 0, sums: new Map() };
}

async function handleTransaction(txEvent) {
  tally.txs += 1;
  tally.frames += txEvent.traces.length;
  for (const { address, args } of txEvent.filterLog(transfer)) {
    tally.events += 1;
    const key = `${address} ${args.to}`;
    tally.sums.set(key, (tally.sums.get(key) ?? 0n) + args.value.toBigInt());
  }
  return [];
}

function readTally() {
  const { sums, ...counts } = tally;
  return { ...counts, sum: `${[...sums.values()].reduce((a, b) => a + b, 0n)}` };
}

module.exports = { handleTransaction, readTally, resetTally };
