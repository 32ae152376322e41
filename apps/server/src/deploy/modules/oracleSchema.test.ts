import { nowhere } from "../example.testkit.ts";
import { testRefusals } from "../refusals.testkit.ts";

const other = `0x${"8".repeat(40)}` as const;

testRefusals([
  [
    "a lower clamp that is no lower",
    (d) => {
      d.oracle.adapters.first.minAnswer = d.oracle.adapters.first.maxAnswer;
    },
    "oracle.adapters.first.minAnswer",
    "No answer lies between",
  ],
  [
    "one feed",
    (d) => {
      d.oracle.markets[0].feeds.pop();
    },
    "oracle.markets.0.feeds",
    "is the price",
  ],
  [
    "a quorum of one",
    (d) => {
      d.oracle.markets[0].quorum = 1;
    },
    "oracle.markets.0.quorum",
    "One feed alone",
  ],
  [
    "a quorum above the feeds",
    (d) => {
      d.oracle.markets[0].quorum = 3;
    },
    "oracle.markets.0.quorum",
    "never be a price",
  ],
  [
    "a jump quorum below the quorum",
    (d) => {
      d.oracle.markets[0].jumpQuorum = 1;
    },
    "oracle.markets.0.jumpQuorum",
    "what an attack looks like",
  ],
  [
    "a heartbeat of zero",
    (d) => {
      d.oracle.markets[0].feeds[0].heartbeatSeconds = 0;
    },
    "oracle.markets.0.feeds.0.heartbeatSeconds",
    "after the feed has died",
  ],
  [
    "a heartbeat above a day",
    (d) => {
      d.oracle.markets[0].feeds[0].heartbeatSeconds = 86_401;
    },
    "oracle.markets.0.feeds.0.heartbeatSeconds",
    "86400",
  ],
  [
    "a jump of zero",
    (d) => {
      d.oracle.markets[0].maxJumpBps = 0;
    },
    "oracle.markets.0.maxJumpBps",
    "every move is a jump",
  ],
  [
    "a jump of most of the price",
    (d) => {
      d.oracle.markets[0].maxJumpBps = 5_001;
    },
    "oracle.markets.0.maxJumpBps",
    "no further feed is asked",
  ],
  [
    "feeds that may stand anywhere",
    (d) => {
      d.oracle.markets[0].maxSpreadBps = 2_001;
    },
    "oracle.markets.0.maxSpreadBps",
    "do not confirm each other",
  ],
  [
    "a feed that may be unsure",
    (d) => {
      d.oracle.markets[0].feeds[1].maxConfBps = 2_001;
    },
    "oracle.markets.0.feeds.1.maxConfBps",
    "tells no price",
  ],
  [
    "one of three feeds that has half of the weight",
    (d) => {
      d.oracle.adapters.third = { kind: "existing", address: other };
      d.oracle.markets[0].feeds.push({ adapter: "third", weight: 3, heartbeatSeconds: 60, maxConfBps: 100 });
    },
    "oracle.markets.0.feeds.2.weight",
    "whatever the others say",
  ],
  [
    "a feed of no weight",
    (d) => {
      d.oracle.markets[0].feeds[0].weight = 0;
    },
    "oracle.markets.0.feeds.0.weight",
    "not for the price",
  ],
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
  [
    "an adapter that is not there",
    (d) => {
      d.oracle.markets[0].feeds[1].adapter = "third";
    },
    "oracle.markets.0.feeds.1.adapter",
    "Allowed: first, second",
  ],
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
