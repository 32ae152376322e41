import { testRefusals } from "../refusals.testkit.ts";

testRefusals([
  [
    "a trip of zero",
    (d) => {
      d.flow[0].tripSeconds = 0;
    },
    "flow.0.tripSeconds",
    "every pause has an end",
  ],
  [
    "a trip without an end",
    (d) => {
      d.flow[0].tripSeconds = 259_201;
    },
    "flow.0.tripSeconds",
    "72 h",
  ],
  [
    "a flow window of zero",
    (d) => {
      d.flow[0].limits[0].windowSeconds = 0;
    },
    "flow.0.limits.0.windowSeconds",
    "the cap bounds nothing",
  ],
  [
    "a flow cap of zero",
    (d) => {
      d.flow[0].limits[0].capAbs = 0n;
    },
    "flow.0.limits.0.capAbs",
    "locked in",
  ],
  [
    "a flow share of zero",
    (d) => {
      d.flow[0].limits[0].capBpsOfTvl = 0;
    },
    "flow.0.limits.0.capBpsOfTvl",
    "locks every user in",
  ],
  [
    "a flow share above half",
    (d) => {
      d.flow[0].limits[0].capBpsOfTvl = 5_001;
    },
    "flow.0.limits.0.capBpsOfTvl",
    "have most of it",
  ],
  [
    "a flow limit without a cap",
    (d) => {
      delete d.flow[0].limits[0].capAbs;
    },
    "flow.0.limits.0",
    "Without one nothing is limited",
  ],
  [
    "a limiter that never trips",
    (d) => {
      d.flow[0].limits[0].tripBps = 0;
    },
    "flow.0.limits.0.tripBps",
    "nothing ever trips",
  ],
  [
    "an asset limited twice",
    (d) => {
      d.flow[0].limits.push(d.flow[0].limits[0]);
    },
    "flow.0.limits.1.asset",
    "replace the earlier",
  ],
  [
    "two limiters of one contract",
    (d) => {
      d.flow.push(d.flow[0]);
    },
    "flow.1.contract",
    "asks one limiter",
  ],
  [
    "a limiter of no group",
    (d) => {
      d.flow[0].group = "exit";
    },
    "flow.0.group",
    "Allowed: exits",
  ],
]);
