// What is wrong with a deployment only when two parts of it are looked at together.
import type { z } from "zod";
import type { Deployment } from "./Deployment.ts";
import { refuse, repeated } from "./deployFields.ts";
import { hasFunction, moduleNames } from "./modules/timelock.ts";

/** Refuses what is named twice: every name stands for one thing, and every list has each thing once. */
export function refuseNames(file: Deployment, context: z.RefinementCtx): void {
  const once = (names: readonly string[], path: (i: number) => PropertyKey[], why: string) => {
    for (const [again, first] of repeated(names))
      refuse(
        context,
        path(again),
        `"${names[again]}" is there twice (${first} and ${again}).`,
        "Allowed: each once.",
        why,
      );
  };
  once(
    file.protect.map(({ name }) => name),
    (i) => ["protect", i, "name"],
    "A name stands for one contract.",
  );
  once(
    file.protect.map(({ address: at }) => at),
    (i) => ["protect", i, "address"],
    "A contract is registered once, as a whole.",
  );
  once(
    file.groups.map(({ name }) => name.id),
    (i) => ["groups", i, "name"],
    "A group is registered once.",
  );
  once(
    (file.flow ?? []).map(({ contract }) => contract),
    (i) => ["flow", i, "contract"],
    "A contract asks one limiter.",
  );
  once(
    file.trippers.map(({ caller, group }) => `${caller} ${group}`),
    (i) => ["trippers", i],
    "Who may trip a group may do so once.",
  );
  once(
    (file.programs ?? []).map(({ caller, contract, function: { selector } }) => `${caller} ${contract} ${selector}`),
    (i) => ["programs", i],
    "Who may set rules on a function may do so once.",
  );
  file.protect.forEach(({ name }, i) => {
    if (!moduleNames.includes(name)) return;
    const why = "It would be ambiguous whose function a delay is for.";
    refuse(context, ["protect", i, "name"], `"${name}" is the name of a module.`, "Allowed: another name.", why);
  });
  const targets = file.protect.length + (file.steward === undefined ? 0 : 1);
  if (targets > 7)
    refuse(
      context,
      ["protect"],
      `The breaker would have ${targets} targets, the steward counted.`,
      "Allowed: 7.",
      "Its health check and its halts have to fit into a block.",
    );
}

type FunctionOf = Deployment["groups"][number]["members"][number];

/** Refuses names that stand for nothing in `file`. */
export function refuseReferences(file: Deployment, context: z.RefinementCtx): void {
  const contracts = file.protect.map(({ name }) => name);
  const groups = file.groups.map(({ name }) => name.name);
  const markets = (file.oracle?.markets ?? []).map(({ name }) => name.name);
  const known = (what: string, names: readonly string[], name: string, path: PropertyKey[]) => {
    if (names.includes(name)) return;
    const allowed = `Allowed: ${names.join(", ") || "none, as the file names none"}.`;
    refuse(context, path, `There is no ${what} "${name}".`, allowed, "Correct the name, or add it.");
  };
  const guardedIn = (place: FunctionOf, path: PropertyKey[], why: string) => {
    known("protected contract", contracts, place.contract, [...path, "contract"]);
    const guarded = file.protect.find(({ name }) => name === place.contract)?.guarded ?? [];
    if (guarded.length === 0 || guarded.some(({ selector }) => selector === place.function.selector)) return;
    refuse(
      context,
      [...path, "function"],
      `"${place.function.signature}" is no guarded function of ${place.contract}.`,
      `Allowed: ${guarded.map(({ signature }) => signature).join(", ")}.`,
      why,
    );
  };
  file.programs?.forEach((program, i) => {
    guardedIn(program, ["programs", i], "A rule narrows a guarded function; an exempt one lets people out of risk.");
  });
  file.groups.forEach(({ members }, i) => {
    members.forEach((member, j) => {
      const why = "A group pauses guarded functions; an exempt one never falls with it.";
      guardedIn(member, ["groups", i, "members", j], why);
    });
    const members_ = members.map((member) => `${member.contract}.${member.function.signature}`);
    for (const [again] of repeated(members_))
      refuse(
        context,
        ["groups", i, "members", again],
        `${members_[again]} is there twice.`,
        "Allowed: each once.",
        "Take it out.",
      );
  });
  file.trippers.forEach(({ group }, i) => {
    known("group", groups, group, ["trippers", i, "group"]);
  });
  file.flow?.forEach(({ contract, group }, i) => {
    known("protected contract", contracts, contract, ["flow", i, "contract"]);
    known("group", groups, group, ["flow", i, "group"]);
    refuseForeignGroup(file, { contract, group }, ["flow", i, "group"], context);
  });
  if (file.fund !== undefined) known("protected contract", contracts, file.fund.contract, ["fund", "contract"]);
  file.fund?.caps.forEach(({ market }, i) => {
    // An id in full is meant as it is: a protocol may have other ids than the oracle.
    if (file.oracle !== undefined && market.name !== market.id)
      known("market of the oracle", markets, market.name, ["fund", "caps", i, "market"]);
  });
  file.latency?.kinds.forEach(({ market, windowSeconds }, i) => {
    known("market of the oracle", markets, market, ["latency", "kinds", i, "market"]);
    const longest = 64 * (file.oracle?.roundSpacingSeconds ?? 0);
    if (windowSeconds > longest)
      refuse(
        context,
        ["latency", "kinds", i, "windowSeconds"],
        `The window is ${windowSeconds} s.`,
        `Allowed: at most 64 spacings of the oracle's rounds, ${longest} s.`,
        "The round that counts has to stay readable until the window ends.",
      );
  });
  file.timelock.selectorDelays.forEach(({ contract, function: delayed }, i) => {
    if (!hasFunction(contract, delayed))
      refuse(
        context,
        ["timelock", "selectorDelays", i, "function"],
        `The module ${contract} has no function "${delayed.signature}".`,
        "Allowed: a function of its ABI, with the types of its ABI.",
        "The delay would be for nothing, and what was meant would wait delaySeconds alone. Correct the signature.",
      );
    if (/^0x[0-9a-fA-F]{40}$/.test(contract)) return;
    const always = ["breaker", "council", "timelock", ...(file.bounty === undefined ? [] : ["rules"])];
    const modules = moduleNames.filter((name) => name in file || always.includes(name));
    known("contract", [...contracts, ...modules], contract, ["timelock", "selectorDelays", i, "contract"]);
  });
}

/** Refuses a group that pauses nothing of `contract`: what trips it would stop others, and not what it looks at. */
export function refuseForeignGroup(
  { groups }: Deployment,
  { contract, group }: { readonly contract: string; readonly group: string },
  path: PropertyKey[],
  context: z.RefinementCtx,
): void {
  const members = groups.find(({ name }) => name.name === group)?.members;
  if (members === undefined || members.some((member) => member.contract === contract)) return;
  refuse(
    context,
    path,
    `"${group}" pauses nothing of ${contract}.`,
    `Allowed: a group with a function of ${contract}.`,
    "It would stop others and leave open what it looks at.",
  );
}
