/** What each peer does that ours does not, in the same time. */
export const differences = {
  invariant:
    "forge's invariant runner draws typed arguments from a dictionary that it fills with values of state and stack, keeps the whole sequence and decodes failures; ours writes random words, and has block and edge coverage and operands of comparisons on, which forge has not.",
  fuzz: "forge's fuzz runner draws typed arguments from its dictionary, sets a fresh journal for each run, and counts gas for its report; ours writes random words, and has block and edge coverage and operands of comparisons on.",
  snapshot:
    "EDR is a whole node behind JSON-RPC: it checks and pools the transaction, mines a block with its roots and receipts, and keeps history; ours runs the transaction with its fee rules and keeps none of that.",
  compute: "the same call of the same bytecode; forge starts a test around it, which is taken off.",
  "compute, @ethereumjs/evm": "the same call of the same bytecode.",
};

/** The result for a person. */
export function renderEvm({ setting, start, rows }) {
  const spread = ({ min, median, max }) => `${min} / ${median} / ${max}`;
  return [
    `${setting.command} on ${setting.date}, commit ${setting.commit}, Node ${setting.node}, ${setting.cpus} cores (${setting.cpuModel}).`,
    `Load average before and after: ${setting.loadBefore} and ${setting.loadAfter}. Rates are per second of processor time: minimum / median / maximum.`,
    "",
    `WebAssembly ${start.wasmBytes} bytes; ready ${start.readyMs} ms after the import begins, ${start.readyCpuMs} ms of the processor; full speed ${start.fullSpeedMs} ms after the first run, the first 100 ms at ${start.firstShare} of it.`,
    "",
    "| work | contract | ours, /s | peer, /s | ratio | aim |",
    "|---|---|---|---|---|---|",
    ...rows.map(
      ({ work, contract, ours, peer, ratio, aim, reached }) =>
        `| ${work} | ${contract} | ${spread(ours)} | ${spread(peer)} | ${spread(ratio)} | ${aim === undefined ? "" : `>= ${aim}${reached ? "" : ", MISSED"}`} |`,
    ),
    "",
    ...Object.entries(differences).map(([work, text]) => `- ${work}: ${text}`),
    "",
  ].join("\n");
}
