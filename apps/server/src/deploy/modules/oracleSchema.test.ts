import { nowhere } from "../example.testkit.ts";
import { testRefusals } from "../refusals.testkit.ts";

const other = `0x${"8".repeat(40)}` as const;

testRefusals([
  ["a lower clamp that is no lower", { "oracle.adapters.first.minAnswer": 10n ** 20n }, "No answer lies between"],
  [
    "one feed",
    (d) => {
      d.oracle.markets[0].feeds.pop();
    },
    "oracle.markets.0.feeds",
    "is the price",
  ],
  ["a quorum of one", { "oracle.markets.0.quorum": 1 }, "One feed alone"],
  ["a quorum above the feeds", { "oracle.markets.0.quorum": 3 }, "never be a price"],
  ["a jump quorum below the quorum", { "oracle.markets.0.jumpQuorum": 1 }, "what an attack looks like"],
  ["a heartbeat of zero", { "oracle.markets.0.feeds.0.heartbeatSeconds": 0 }, "after the feed has died"],
  ["a heartbeat above a day", { "oracle.markets.0.feeds.0.heartbeatSeconds": 86_401 }, "86400"],
  ["a jump of zero", { "oracle.markets.0.maxJumpBps": 0 }, "every move is a jump"],
  ["a jump of most of the price", { "oracle.markets.0.maxJumpBps": 5_001 }, "no further feed is asked"],
  ["feeds that may stand anywhere", { "oracle.markets.0.maxSpreadBps": 2_001 }, "do not confirm each other"],
  ["a feed that may be unsure", { "oracle.markets.0.feeds.1.maxConfBps": 2_001 }, "tells no price"],
  [
    "one of three feeds that has half of the weight",
    (d) => {
      d.oracle.adapters.third = { kind: "existing", address: other };
      d.oracle.markets[0].feeds.push({ adapter: "third", weight: 3, heartbeatSeconds: 60, maxConfBps: 100 });
    },
    "oracle.markets.0.feeds.2.weight",
    "whatever the others say",
  ],
  ["a feed of no weight", { "oracle.markets.0.feeds.0.weight": 0 }, "not for the price"],
  [
    "an adapter twice in a market",
    (d) => {
      d.oracle.markets[0].feeds[1].adapter = "first";
    },
    "oracle.markets.0.feeds.1",
    "confirm itself",
  ],
  [
    "two adapters over one feed",
    (d) => {
      d.oracle.adapters.second.feed = nowhere.feeds[0];
    },
    "oracle.adapters.second",
    "are one voice",
  ],
  ["an adapter that is not there", { "oracle.markets.0.feeds.1.adapter": "third" }, "Allowed: first, second"],
  [
    "a pool over a second",
    (d) => {
      d.oracle.adapters.second = { kind: "uniswapV3Twap", pool: other, base: nowhere.token };
      d.oracle.markets[0].twapWindowSeconds = 1;
    },
    "oracle.markets.0.twapWindowSeconds",
    "one transaction moves",
  ],
  [
    "a pool of any liquidity",
    (d) => {
      d.oracle.adapters.second = { kind: "uniswapV3Twap", pool: other, base: nowhere.token };
      d.oracle.markets[0].twapWindowSeconds = 1_800;
    },
    "oracle.markets.0.minTwapLiquidity",
    "costs nothing to move",
  ],
]);
