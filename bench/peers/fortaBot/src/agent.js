// The least a forta bot does: decode the transfers of a transaction, count and sum them, find nothing. Told of the load's
// contracts it also reads, by the provider that the SDK gives, the state that our detectors read of this load.
const { ethers, getEthersProvider } = require("forta-agent");

const transfer = "event Transfer(address indexed from, address indexed to, uint256 value)";
const treasuryAbi = [
  "function price() view returns (uint256)",
  "function pricedAt() view returns (uint256)",
  "function debt() view returns (uint256)",
  "function positionOf(address) view returns (int256 size, uint256 collateral)",
];
const tokenAbi = ["function balanceOf(address) view returns (uint256)"];
let tally;
let state;

/** Begins anew. With `contracts` ({treasury, token}) state is read at every block. */
function resetTally(contracts) {
  tally = { events: 0, txs: 0, frames: 0, answers: 0, sums: new Map() };
  state = contracts && openState(contracts);
}

function openState({ treasury, token }) {
  const provider = getEthersProvider();
  return {
    treasury: new ethers.Contract(treasury, treasuryAbi, provider),
    token: new ethers.Contract(token, tokenAbi, provider),
  };
}

async function handleBlock({ blockNumber }) {
  if (state === undefined) return [];
  const { treasury, token } = state;
  const [at, before] = [{ blockTag: blockNumber }, { blockTag: blockNumber - 1 }];
  const answers = await Promise.all([
    treasury.price(at),
    treasury.price(before),
    treasury.pricedAt(at),
    treasury.debt(at),
    token.balanceOf(treasury.address, at),
    token.balanceOf(treasury.address, before),
  ]);
  tally.answers += answers.length;
  return [];
}

async function handleTransaction(txEvent) {
  tally.txs += 1;
  tally.frames += txEvent.traces.length;
  for (const { address, args } of txEvent.filterLog(transfer)) {
    tally.events += 1;
    const key = `${address} ${args.to}`;
    tally.sums.set(key, (tally.sums.get(key) ?? 0n) + args.value.toBigInt());
  }
  if (state !== undefined) {
    await state.treasury.positionOf(txEvent.from, { blockTag: txEvent.blockNumber });
    tally.answers += 1;
  }
  return [];
}

function readTally() {
  const { sums, ...counts } = tally;
  return { ...counts, sum: `${[...sums.values()].reduce((a, b) => a + b, 0n)}` };
}

module.exports = { handleBlock, handleTransaction, readTally, resetTally };
