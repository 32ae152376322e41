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
    [
      "a panel of which one signs",
      (d) => {
        d.bounty.panel.need = 1;
      },
      "bounty.panel.need",
      "could pay out the vault",
    ],
    [
      "more signatures than attestors",
      (d) => {
        d.bounty.panel.need = 4;
      },
      "bounty.panel.need",
      "ever be attested",
    ],
    [
      "an attestor twice",
      (d) => {
        d.bounty.panel.attestors[2] = attestors[0];
      },
      "bounty.panel.attestors.2",
      "count as two people",
    ],
    [
      "an attestor who is a guardian",
      (d) => {
        d.bounty.panel.attestors[1] = guardians[0];
      },
      "bounty.panel.attestors.1",
      "one for both roles",
    ],
    [
      "an attestor who is nobody",
      (d) => {
        d.bounty.panel.attestors[1] = `0x${"0".repeat(40)}`;
      },
      "bounty.panel.attestors.1",
      "Nobody has its key",
    ],
    [
      "an attestor who is the owner",
      (d) => {
        d.bounty.panel.attestors[1] = owner;
      },
      "bounty.panel.attestors.1",
      "what is to be paid",
    ],
    [
      "an arbitrator who is the owner",
      (d) => {
        d.bounty.terms.arbitrator = owner;
      },
      "bounty.terms.arbitrator",
      "in which it is a side",
    ],
    [
      "an arbitrator who attests",
      (d) => {
        d.bounty.terms.arbitrator = attestors[1];
      },
      "bounty.panel.attestors.1",
      "in which it is a side",
    ],
    [
      "an arbitrator who is a guardian",
      (d) => {
        d.bounty.terms.arbitrator = guardians[2];
      },
      "bounty.terms.arbitrator",
      "second role: guardian 2",
    ],
    [
      "an arbitrator who is the slow wallet",
      (d) => {
        d.bounty.terms.arbitrator = nowhere.slowWallet;
      },
      "bounty.terms.arbitrator",
      "judge or prove for itself",
    ],
    [
      "an arbitrator who is a steward",
      (d) => {
        d.bounty.terms.arbitrator = steward;
      },
      "bounty.terms.arbitrator",
      "runs a program",
    ],
    [
      "an owner who is the arbitrator",
      (d) => {
        d.bounty.owner = arbitrator;
      },
      "bounty.terms.arbitrator",
      "in which it is a side",
    ],
    [
      "a challenge that costs nothing",
      (d) => {
        d.bounty.terms.bondWei = 0n;
      },
      "bounty.terms.bondWei",
      "holds up every award",
    ],
    [
      "terms of no document",
      (d) => {
        d.bounty.terms.termsHash = `0x${"0".repeat(64)}`;
      },
      "bounty.terms.termsHash",
      "not all zero",
    ],
    [
      "a report that may take everything",
      (d) => {
        d.bounty.terms.shareBps = 10_000;
      },
      "bounty.terms.shareBps",
      "take all that is free",
    ],
    [
      "a share of nothing",
      (d) => {
        d.bounty.terms.shareBps = 0;
      },
      "bounty.terms.shareBps",
      "at zero none is paid",
    ],
    [
      "an award of which most vests",
      (d) => {
        d.bounty.terms.vestBps = 5_001;
      },
      "bounty.terms.vestBps",
      "the arbitrator can take away",
    ],
    [
      "an award that vests at once",
      (d) => {
        d.bounty.terms.vestSeconds = 0;
      },
      "bounty.terms.vestSeconds",
      "from an insider",
    ],
    [
      "an award that vests for ever",
      (d) => {
        d.bounty.terms.vestSeconds = 181 * 86_400;
      },
      "bounty.terms.vestSeconds",
      "180 days",
    ],
    [
      "no reserve",
      (d) => {
        d.bounty.terms.reserve = 0n;
      },
      "bounty.terms.reserve",
      "nothing is promised",
    ],
    [
      "a reserve below the critical floor",
      (d) => {
        d.bounty.terms.reserve = 999n;
      },
      "bounty.terms.reserve",
      "less than its floor",
    ],
    [
      "a tier without a cap",
      (d) => {
        d.bounty.terms.tiers.high.cap = (1n << 128n) - 1n;
      },
      "bounty.terms.tiers.high.cap",
      "It is no cap",
    ],
    [
      "a tier that pays nothing",
      (d) => {
        d.bounty.terms.tiers.low.cap = 0n;
      },
      "bounty.terms.tiers.low.cap",
      "no reason to report",
    ],
    [
      "a tier of no part",
      (d) => {
        d.bounty.terms.tiers.low.bps = 0;
      },
      "bounty.terms.tiers.low.bps",
      "the floor alone",
    ],
    [
      "a floor above its cap",
      (d) => {
        d.bounty.terms.tiers.medium.floor = 501n;
      },
      "bounty.terms.tiers.medium.floor",
      "floor <= cap",
    ],
    [
      "a graver report that gets less",
      (d) => {
        d.bounty.terms.tiers.high.cap = 400n;
      },
      "bounty.terms.tiers.high.cap",
      "showing less than there is",
    ],
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
