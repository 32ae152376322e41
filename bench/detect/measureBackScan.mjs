import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { contenders, runBackScan } from "../backScan.mjs";
import { judgeBackScan } from "../judgeRun.mjs";
import { makeTraffic, startLoad } from "../load/chain.mjs";

const txsPerBlock = 4;
const eventsPerTx = 5;
const peersFolder = fileURLToPath(new URL("../peers/node_modules", import.meta.url));
/** Contenders that need what lies in bench/peers, by package. */
const peers = { ponder: "ponder", forta: "forta-agent", fortaTraces: "forta-agent", fortaState: "forta-agent" };

/** The whole catalogue, and its log-scope part, against peers and bare loops over the same blocks, in turns (BAR-01). */
export async function measureBackScan({ flags, tell }) {
  const isThere = ({ key }) => peers[key] === undefined || existsSync(`${peersFolder}/${peers[key]}`);
  const only = contenders.filter(isThere).map(({ key }) => key);
  const absent = [...new Set(contenders.filter((one) => !isThere(one)).map(({ key }) => peers[key]))];
  tell(`making ${flags.blocks} blocks`);
  const load = await startLoad();
  try {
    const { from, to } = await makeTraffic(load, flags.blocks, txsPerBlock);
    const { anvil, token, treasury } = load;
    const events = flags.blocks * txsPerBlock * eventsPerTx;
    const results = await runBackScan(
      { url: anvil.url, from, to, token, treasury, events },
      {
        rounds: flags.rounds,
        only,
        onResult: (round, name, { ms }) =>
          tell(`${round === 0 ? "warm-up" : `round ${round}`}, ${name}: ${Math.round((events / ms) * 1_000)} events/s`),
      },
    );
    return figuresOf(judgeBackScan(results), { blocks: flags.blocks, events, rounds: flags.rounds, absent });
  } finally {
    load.node.close();
    await load.anvil.stop();
  }
}

function figuresOf({ scanners, ratios }, { blocks, events, rounds, absent }) {
  const range = ({ median, min, max }) => `${median} (${min} to ${max})`;
  const withTarget = ratios.filter(({ target }) => target !== undefined);
  return {
    blocks,
    events,
    rounds,
    absent,
    scanners,
    ratios,
    aims: withTarget.map(({ ours, other, ratio, target, met }) => ({
      name: `${ours} / ${other}`,
      aim: `>= ${target}`,
      measured: range(ratio),
      reached: met,
    })),
    notes: [
      `${blocks} blocks, ${events} logs, ${rounds} rounds after one to warm up; median (least to most)`,
      ...scanners.map(({ name, eventsPerSecond }) => `${name}: ${range(eventsPerSecond)} events/s`),
      ...ratios
        .filter(({ target }) => target === undefined)
        .map(({ ours, other, ratio }) => `for comparison, ${ours} / ${other}: ${range(ratio)}`),
      ...absent.map((name) => `${name} is not installed in bench/peers and was left out`),
    ],
  };
}
