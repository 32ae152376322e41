import { guardians } from "../example.testkit.ts";
import { testRefusals } from "../refusals.testkit.ts";

const account = `0x${"8".repeat(40)}`;

testRefusals([
  [
    "a guardian who executes",
    (d) => {
      d.timelock.executors = [guardians[1]];
    },
    "timelock.executors.0",
    "Guardian keys only tighten",
  ],
  ["zero delay", { "timelock.delaySeconds": 0 }, "no guardian can veto it"],
  ["a delay above 30 days", { "timelock.delaySeconds": 2_592_001 }, "2592000"],
  ["a grace of an hour", { "timelock.graceSeconds": 3_600 }, "86400"],
  ["a grace above 30 days", { "timelock.graceSeconds": 2_592_001 }, "forgotten operation"],
  [
    "an open executor",
    (d) => {
      d.timelock.executors = [`0x${"0".repeat(40)}`];
    },
    "timelock.executors.0",
    "Anybody could choose the moment",
  ],
  ["a delay of its own that is none", { "timelock.selectorDelays.0.delaySeconds": 86_400 }, "looks like a rule"],
  [
    "an executor who is named twice",
    (d) => {
      d.timelock.executors = [account, account];
    },
    "timelock.executors.1",
    "executors[0]",
  ],
  [
    "a function with two delays",
    (d) => {
      d.timelock.selectorDelays.push({ ...d.timelock.selectorDelays[0], delaySeconds: 200_000 });
    },
    "timelock.selectorDelays.1.function",
    "Only one of the two would hold",
  ],
  [
    "a delay on a function that the module does not have",
    { "timelock.selectorDelays.0.function": "release(address,bytes4,bytes32,bytes32)" },
    "would wait delaySeconds alone",
  ],
  ["a delay on a contract that is not there", { "timelock.selectorDelays.0.contract": "Valt" }, 'no contract "Valt"'],
  ["an unknown field", { "timelock.delay": 1 }, "Allowed keys: delaySeconds"],
]);
