import { testRefusals } from "../refusals.testkit.ts";

testRefusals([
  ["a trip of zero", { "flow.0.tripSeconds": 0 }, "every pause has an end"],
  ["a trip without an end", { "flow.0.tripSeconds": 259_201 }, "72 h"],
  ["a flow window of zero", { "flow.0.limits.0.windowSeconds": 0 }, "the cap bounds nothing"],
  ["a flow cap of zero", { "flow.0.limits.0.capAbs": 0n }, "locked in"],
  ["a flow share of zero", { "flow.0.limits.0.capBpsOfTvl": 0 }, "locks every user in"],
  ["a flow share above half", { "flow.0.limits.0.capBpsOfTvl": 5_001 }, "have most of it"],
  [
    "a flow limit without a cap",
    (d) => {
      delete d.flow[0].limits[0].capAbs;
    },
    "flow.0.limits.0",
    "Without one nothing is limited",
  ],
  ["a limiter that never trips", { "flow.0.limits.0.tripBps": 0 }, "nothing ever trips"],
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
  ["a cap that no token reaches", { "flow.0.limits.0.capAbs": 2n ** 112n }, "limits nothing"],
  [
    "the chain's own coin in a queue",
    (d) => {
      d.flow[0].limits[0].asset = `0x${"0".repeat(40)}`;
    },
    "flow.0.limits.0.mode",
    "takes what waits as a token",
  ],
  [
    "a limiter whose group pauses another contract",
    (d) => {
      const other = `0x${"8".repeat(40)}`;
      d.protect.push({ ...d.protect[0], name: "Other", address: other });
      d.groups.push({ name: "others", members: [{ contract: "Other", function: "withdraw(uint256)" }] });
      d.flow[0].group = "others";
    },
    "flow.0.group",
    "leave open what it looks at",
  ],
  ["a limiter of no group", { "flow.0.group": "exit" }, "Allowed: exits"],
]);
