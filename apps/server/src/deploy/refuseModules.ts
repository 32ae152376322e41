// What is wrong with bounty, hook, bridges and trippers of markets only when they are looked at beside the rest.
import type { z } from "zod";
import type { Deployment } from "./Deployment.ts";
import { refuse, repeated } from "./deployFields.ts";
import { refuseForeignGroup } from "./refuseTogether.ts";

/** Refuses names of groups, contracts and markets that stand for nothing, and modules without what they need. */
export function refuseModules(file: Deployment, context: z.RefinementCtx): void {
  const { hook, bounty, bridge = [], oracle, oracleTrippers = [], morpho = [] } = file;
  const known = knownIn(file, context);
  hook?.programs.forEach(({ group }, i) => {
    known("group", group, ["hook", "programs", i, "group"]);
  });
  if (hook !== undefined && bounty === undefined)
    refuse(
      context,
      ["hook"],
      "There is no bounty.",
      "Allowed: a hook beside a bounty.",
      "A proof opens a report with a reserved floor, in a vault that is there.",
    );
  oracleTrippers.forEach(({ market, group, minSilenceSeconds }, i) => {
    known("market of the oracle", market, ["oracleTrippers", i, "market"]);
    known("group", group, ["oracleTrippers", i, "group"]);
    const spacing = oracle?.roundSpacingSeconds ?? 0;
    if (minSilenceSeconds >= spacing) return;
    refuse(
      context,
      ["oracleTrippers", i, "minSilenceSeconds"],
      `The silence is ${minSilenceSeconds} s, the spacing of the oracle's rounds ${spacing} s.`,
      "Allowed: that spacing or more.",
      "Nobody could commit often enough to keep a staged halt out.",
    );
  });
  morpho.forEach(({ market, maxRiseBps }, i) => {
    known("market of the oracle", market, ["morpho", i, "market"]);
    const jump = oracle?.markets.find(({ name }) => name.name === market)?.maxJumpBps ?? maxRiseBps;
    if (maxRiseBps <= jump) return;
    refuse(
      context,
      ["morpho", i, "maxRiseBps"],
      `maxRiseBps is ${maxRiseBps}, the market's maxJumpBps ${jump}.`,
      "Allowed: at most the market's maxJumpBps.",
      "New debt could be taken on a rise that the oracle itself calls a jump.",
    );
  });
  once(
    morpho.map(({ market }) => market),
    (i) => ["morpho", i, "market"],
  );
  once(
    oracleTrippers.map(({ market }) => market),
    (i) => ["oracleTrippers", i, "market"],
  );
  bridge.forEach(({ contract, group, propagated, routes }, i) => {
    known("protected contract", contract, ["bridge", i, "contract"]);
    known("group", group, ["bridge", i, "group"]);
    refuseForeignGroup(file, { contract, group }, ["bridge", i, "group"], context);
    propagated.forEach((name, j) => {
      known("group", name, ["bridge", i, "propagated", j]);
    });
    routes.forEach(({ remote }, j) => {
      if (remote !== file.chainId) return;
      const why = "A route leads to another chain: the contract refuses this one.";
      refuse(context, ["bridge", i, "routes", j, "remote"], "It is this chain.", "Allowed: another one.", why);
    });
  });
  once(
    bridge.map(({ contract }) => contract),
    (i) => ["bridge", i, "contract"],
  );

  function once(names: readonly string[], path: (i: number) => PropertyKey[]): void {
    for (const [again] of repeated(names))
      refuse(context, path(again), `"${names[again]}" has one already.`, "Allowed: each once.", "Take one out.");
  }
}

function knownIn(file: Deployment, context: z.RefinementCtx) {
  const lists: Readonly<Record<string, readonly string[]>> = {
    group: file.groups.map(({ name }) => name.name),
    "protected contract": file.protect.map(({ name }) => name),
    "market of the oracle": (file.oracle?.markets ?? []).map(({ name }) => name.name),
  };
  return (what: string, name: string, path: PropertyKey[]) => {
    const names = lists[what]!;
    if (names.includes(name)) return;
    const allowed = `Allowed: ${names.join(", ") || "none, as the file names none"}.`;
    refuse(context, path, `There is no ${what} "${name}".`, allowed, "Correct the name, or add it.");
  };
}
