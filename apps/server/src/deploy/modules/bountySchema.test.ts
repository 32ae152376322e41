import { allModules, arbitrator, attestors, owner } from "../allModules.testkit.ts";
import { guardians, nowhere, steward } from "../example.testkit.ts";
import { testRefusals } from "../refusals.testkit.ts";

testRefusals(
  [
    [
      "one attestor",
      (d) => {
        d.bounty.panel.attestors.splice(1);
      },
      "bounty.panel.attestors",
      "2 to 7",
    ],
    ["a panel of which one signs", { "bounty.panel.need": 1 }, "could pay out the vault"],
    ["more signatures than attestors", { "bounty.panel.need": 4 }, "ever be attested"],
    ["an attestor twice", { "bounty.panel.attestors.2": attestors[0] }, "count as two people"],
    ["an attestor who is a guardian", { "bounty.panel.attestors.1": guardians[0] }, "one for both roles"],
    ["an attestor who is nobody", { "bounty.panel.attestors.1": `0x${"0".repeat(40)}` }, "Nobody has its key"],
    ["an attestor who is the owner", { "bounty.panel.attestors.1": owner }, "what is to be paid"],
    ["an arbitrator who is the owner", { "bounty.terms.arbitrator": owner }, "in which it is a side"],
    [
      "an arbitrator who attests",
      (d) => {
        d.bounty.terms.arbitrator = attestors[1];
      },
      "bounty.panel.attestors.1",
      "in which it is a side",
    ],
    ["an arbitrator who is a guardian", { "bounty.terms.arbitrator": guardians[2] }, "second role: guardian 2"],
    [
      "an arbitrator who is the slow wallet",
      { "bounty.terms.arbitrator": nowhere.slowWallet },
      "judge or prove for itself",
    ],
    ["an arbitrator who is a steward", { "bounty.terms.arbitrator": steward }, "runs a program"],
    [
      "an owner who is the arbitrator",
      (d) => {
        d.bounty.owner = arbitrator;
      },
      "bounty.terms.arbitrator",
      "in which it is a side",
    ],
    ["a challenge that costs nothing", { "bounty.terms.bondWei": 0n }, "holds up every award"],
    ["terms of no document", { "bounty.terms.termsHash": `0x${"0".repeat(64)}` }, "not all zero"],
    ["a report that may take everything", { "bounty.terms.shareBps": 10_000 }, "take all that is free"],
    ["a share of nothing", { "bounty.terms.shareBps": 0 }, "at zero none is paid"],
    ["an award of which most vests", { "bounty.terms.vestBps": 5_001 }, "the arbitrator can take away"],
    ["an award that vests at once", { "bounty.terms.vestSeconds": 0 }, "from an insider"],
    ["an award that vests for ever", { "bounty.terms.vestSeconds": 181 * 86_400 }, "180 days"],
    ["no reserve", { "bounty.terms.reserve": 0n }, "nothing is promised"],
    ["a reserve below the critical floor", { "bounty.terms.reserve": 999n }, "less than its floor"],
    ["a tier without a cap", { "bounty.terms.tiers.high.cap": (1n << 128n) - 1n }, "It is no cap"],
    ["a tier that pays nothing", { "bounty.terms.tiers.low.cap": 0n }, "no reason to report"],
    ["a tier of no part", { "bounty.terms.tiers.low.bps": 0 }, "the floor alone"],
    ["a floor above its cap", { "bounty.terms.tiers.medium.floor": 501n }, "floor <= cap"],
    ["a graver report that gets less", { "bounty.terms.tiers.high.cap": 400n }, "showing less than there is"],
    [
      "a critical floor of zero",
      (d) => {
        for (const tier of Object.values(d.bounty.terms.tiers) as { floor: bigint }[]) tier.floor = 0n;
      },
      "bounty.terms.tiers.critical.floor",
      "rather use it",
    ],
  ],
  allModules,
);
