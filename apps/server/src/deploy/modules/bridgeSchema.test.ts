import { allModules, relays } from "../allModules.testkit.ts";
import { guardians } from "../example.testkit.ts";
import { testRefusals } from "../refusals.testkit.ts";

testRefusals(
  [
    [
      "one attestor",
      (d) => {
        d.bridge[0].attestors.splice(1);
      },
      "bridge.0.attestors",
      "2 to 7",
    ],
    ["a quorum of one", { "bridge.0.quorum": 1 }, "could forge a transfer"],
    [
      "a quorum of half",
      (d) => {
        d.bridge[0].attestors.push(`0x${"f4".repeat(20)}`);
      },
      "bridge.0.quorum",
      "what the others deny",
    ],
    ["a quorum above the attestors", { "bridge.0.quorum": 4 }, "Nothing would ever arrive"],
    ["an attestor twice", { "bridge.0.attestors.2": relays[0] }, "count as two people"],
    ["an attestor who is a guardian", { "bridge.0.attestors.0": guardians[0] }, "one for both roles"],
    ["a cap of zero", { "bridge.0.routes.0.cap": 0n }, "stuck on its way"],
    ["no cap", { "bridge.0.routes.0.cap": (1n << 192n) - 1n }, "It is no cap"],
    ["a window of zero", { "bridge.0.routes.0.windowSeconds": 0 }, "the cap bounds nothing"],
    ["a route that never trips", { "bridge.0.routes.0.tripBps": 0 }, "nothing ever trips"],
    ["no tiers", { "bridge.0.routes.0.tiers": [] }, "arrives at once"],
    [
      "large messages without a delay",
      (d) => {
        for (const tier of d.bridge[0].routes[0].tiers) tier.delaySeconds = 0;
      },
      "bridge.0.routes.0.tiers.1.delaySeconds",
      "before a guardian could hold it",
    ],
    [
      "large messages with a delay of minutes",
      (d) => {
        d.bridge[0].routes[0].tiers = [{ aboveBps: 0, delaySeconds: 600 }];
      },
      "bridge.0.routes.0.tiers.0.delaySeconds",
      "3600",
    ],
    [
      "a delay for the whole cap alone",
      (d) => {
        d.bridge[0].routes[0].tiers = [{ aboveBps: 10_000, delaySeconds: 86_400 }];
      },
      "bridge.0.routes.0.tiers.0.aboveBps",
      "arrives without a delay",
    ],
    [
      "a delay behind a tier without one",
      (d) => {
        d.bridge[0].routes[0].tiers = [
          { aboveBps: 0, delaySeconds: 0 },
          { aboveBps: 9_000, delaySeconds: 86_400 },
        ];
      },
      "bridge.0.routes.0.tiers.1.aboveBps",
      "Up to 90 % of the cap",
    ],
    [
      "tiers that fall",
      (d) => {
        d.bridge[0].routes[0].tiers.reverse();
      },
      "bridge.0.routes.0.tiers.1.aboveBps",
      "tiers that ascend",
    ],
    ["a delay above 7 days", { "bridge.0.routes.0.tiers.1.delaySeconds": 604_801 }, "lost to its user"],
    ["a route to this chain", { "bridge.0.routes.0.remote": 31_337 }, "the contract refuses this one"],
    ["a peer of zero", { "bridge.0.routes.0.peer": `0x${"0".repeat(40)}` }, "Nothing would stand behind"],
    [
      "a route twice",
      (d) => {
        d.bridge[0].routes.push(d.bridge[0].routes[0]);
      },
      "bridge.0.routes.1",
      "replace the earlier",
    ],
    ["a trip without an end", { "bridge.0.tripSeconds": 259_201 }, "every pause has an end"],
    ["a bridge that is not protected", { "bridge.0.contract": "Valt" }, "Allowed: Vault"],
    [
      "two guards of one bridge",
      (d) => {
        d.bridge.push(d.bridge[0]);
      },
      "bridge.1.contract",
      "each once",
    ],
    [
      "a guard whose group pauses another contract",
      (d) => {
        const other = `0x${"8".repeat(40)}`;
        d.protect.push({ ...d.protect[0], name: "Other", address: other });
        d.groups.push({ name: "others", members: [{ contract: "Other", function: "withdraw(uint256)" }] });
        d.bridge[0].group = "others";
      },
      "bridge.0.group",
      "leave open what it looks at",
    ],
    ["a guard of no group", { "bridge.0.group": "exit" }, "Allowed: exits, loans"],
    [
      "a propagated pause of no group",
      (d) => {
        d.bridge[0].propagated.push("exit");
      },
      "bridge.0.propagated.0",
      "Allowed: exits, loans",
    ],
    [
      "a group propagated twice",
      (d) => {
        d.bridge[0].propagated.push("exits");
      },
      "bridge.0.propagated.0",
      "each once",
    ],
  ],
  allModules,
);
