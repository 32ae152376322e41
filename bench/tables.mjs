/** The result as Markdown: for the terminal and for docs/benchmarks.md. */
export function tablesOf({ setting, backScan, latency }) {
  return [
    ...settingLines(setting),
    ...(backScan === undefined ? [] : backScanLines(setting, backScan)),
    ...(latency === undefined ? [] : latencyLines(latency)),
  ].join("\n");
}

function settingLines({ command, date, commit, node, anvil, cpus, cpuModel, loadBefore, loadAfter }) {
  return [
    `\`${command}\` on ${date}, commit ${commit}, Node ${node}, ${anvil}, ${cpus} cores (${cpuModel}).`,
    `Load average before and after: ${loadBefore} and ${loadAfter}.`,
    "",
  ];
}

function backScanLines({ blocks, txs, events, rounds }, { scanners, ratios }) {
  return [
    `Back-scan of ${blocks} blocks, ${txs} transactions, ${events} logs; ${rounds} rounds after one to warm up; median (least to most).`,
    "",
    "| scanner | events per second | wall, ms |",
    "|---|---:|---:|",
    ...scanners.map(
      ({ name, eventsPerSecond, wallMs }) => `| ${name} | ${range(eventsPerSecond)} | ${range(wallMs)} |`,
    ),
    "",
    "| ratio of events per second, within a round | measured | target | |",
    "|---|---:|---:|---|",
    ...ratios.map(
      ({ ours, other, ratio, target, met }) =>
        `| ${ours} / ${other} | ${range(ratio)} | ${target === undefined ? "" : `≥ ${target}`} | ${verdictOf(met)} |`,
    ),
    "",
  ];
}

function latencyLines(runs) {
  const cell = ({ p50, p95, max }) => `${p50} / ${p95} / ${max}`;
  return [
    "Block to alert, all detectors, a finding in every block; p50 / p95 / most, in ms.",
    "",
    "| run | blocks | arrival to stored alert | order to mine to stored alert | target, p95 from arrival | |",
    "|---|---:|---:|---:|---:|---|",
    ...runs.map(
      ({ name, blocks, fromArrivalMs, fromMiningMs, targetMs, met }) =>
        `| ${name} | ${blocks} | ${cell(fromArrivalMs)} | ${cell(fromMiningMs)} | < ${targetMs} | ${verdictOf(met)} |`,
    ),
    "",
  ];
}

function range({ median, min, max }) {
  return `${median} (${min} to ${max})`;
}

function verdictOf(met) {
  return met === undefined ? "for comparison" : met ? "met" : "**missed**";
}
