import type { Hex } from "@testudo/core/model/Hex";
import { z } from "zod";
import { address, callData, list, strict } from "../../config/fields.ts";
import { type FunctionRef, functionRef, id32, person, refuse, repeated } from "../deployFields.ts";

/** A protected contract. */
export const protectSchema = strict({
  name: person("a name for people"),
  address,
  /** `inline`: SelectorBreaker or GateProxy holds the pause; `external`: the contract asks the breaker (Guarded). */
  mode: z.enum(["inline", "external"], { error: 'Allowed: "inline" or "external".' }),
  guarded: list(functionRef, 1, 31, "functions that let value out or open risk"),
  exempt: z.array(functionRef, { error: "Allowed: a list of functions that reduce risk." }),
  /** Calls by which --dry-run and --verify try functions that refuse a stranger's call with zeros before they ask. */
  probes: list(strict({ function: functionRef, from: address, data: callData }), 1, 32, "calls").optional(),
}).superRefine(({ guarded, exempt, probes = [] }, context) => {
  if (exempt.length === 0)
    refuse(
      context,
      ["exempt"],
      "`exempt` is empty.",
      "Allowed: the functions by which users reduce their risk, one at least.",
      "Without them a pause locks users into positions that go on losing. Name repay, close, add margin, liquidate.",
    );
  for (const [i, item] of exempt.entries()) refuseOutflow(item, i, context);
  const all = [...guarded, ...exempt];
  for (const [again, first] of repeated(all.map(({ selector }) => selector)))
    refuse(
      context,
      again < guarded.length ? ["guarded", again] : ["exempt", again - guarded.length],
      `"${all[again]!.signature}" has the selector of "${all[first]!.signature}" once more.`,
      "Allowed: each function once, guarded or exempt.",
      "What is exempt cannot be paused by guardians, so both at once cannot hold.",
    );
  refuseProbes(probes, all, context);
  if (all.length > 32)
    refuse(
      context,
      ["guarded"],
      `${all.length} functions.`,
      "Allowed: 32 together.",
      "A halt has to fit into a block.",
    );
});

function refuseProbes(
  probes: readonly { readonly function: FunctionRef; readonly data: Hex }[],
  all: readonly FunctionRef[],
  context: z.RefinementCtx,
): void {
  probes.forEach(({ function: { signature, selector }, data }, i) => {
    if (!all.some((item) => item.selector === selector))
      refuse(
        context,
        ["probes", i, "function"],
        `"${signature}" is neither guarded nor exempt.`,
        "Allowed: a function of `guarded` or `exempt`.",
        "Nothing is tried on what cannot be paused.",
      );
    if (!data.startsWith(selector))
      refuse(
        context,
        ["probes", i, "data"],
        `The call begins with ${data.slice(0, 10)}.`,
        `Allowed: a call of "${signature}", which begins with ${selector}.`,
        "Another function would be tried in its place.",
      );
  });
  for (const [again] of repeated(probes.map((probe) => probe.function.selector)))
    refuse(context, ["probes", again], "The function has a call already.", "Allowed: each once.", "Take one out.");
}

const outflow =
  /^(send|sweep|skim|drain|rescue|flash|mint|payout|unwrap|swap|open|increasePosition|bridge|multicall|execute|exit|initialize|grantRole)/i;
// Also inside of a name, as in emergencyWithdraw.
const outflowWithin =
  /withdraw|redeem|borrow|transfer|upgrade|delegatecall|remove(collateral|margin|funds)|set(owner|admin|implementation|oracle|price|guardian)/i;
// repayBorrow, cancelWithdraw and previewRedeem let nothing out.
const harmless = /^(repay|liquidate|cancel|revoke|decline|get|is|has|can|max|preview|total)/i;

function refuseOutflow({ signature }: FunctionRef, index: number, context: z.RefinementCtx): void {
  const [name = ""] = signature.split("(");
  if (!outflow.test(name) && (!outflowWithin.test(name) || harmless.test(name))) return;
  refuse(
    context,
    ["exempt", index],
    `"${signature}" is exempt.`,
    "Allowed: functions that reduce risk; this one's name says that it lets value out or opens risk.",
    "An exempt function stays open under every guardian pause, and the list is fixed for ever. Guard it.",
  );
}

/** Guarded functions that fall together. */
export const groupSchema = strict({
  name: id32,
  members: list(
    strict({ contract: person("the name of a protected contract"), function: functionRef }),
    1,
    16,
    "members",
  ),
});

export const tripperSchema = strict({ caller: address, group: z.string({ error: "Allowed: the name of a group." }) });

/** Who sets guard rules on one guarded function without a signature; the key of a watch that derives them, say. */
export const programSchema = strict({
  caller: address,
  contract: person("the name of a protected contract"),
  function: functionRef,
});

/** What the file says for the breaker. */
export interface BreakerFile {
  readonly protect: readonly z.output<typeof protectSchema>[];
  readonly groups: readonly z.output<typeof groupSchema>[];
  readonly trippers: readonly z.output<typeof tripperSchema>[];
  readonly programs?: readonly z.output<typeof programSchema>[] | undefined;
}
