import { testRefusals } from "../refusals.testkit.ts";

testRefusals([
  ["a request of no blocks", { "latency.kinds.0.minBlocks": 0 }, "In the block of its request"],
  ["a request that lapses too late", { "latency.kinds.0.windowSeconds": 769 }, "768 s"],
  [
    "requests without an oracle",
    (d) => {
      delete d.oracle;
    },
    "latency.kinds.0.market",
    "no market of the oracle",
  ],
  [
    "a kind twice",
    (d) => {
      d.latency.kinds.push(d.latency.kinds[0]);
    },
    "latency.kinds.1.id",
    "set once",
  ],
]);
