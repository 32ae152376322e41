import { type Address, isAddress, toLower } from "@testudo/core/model/Hex";
import type { AbiEvent, AbiFunction, AbiParameter } from "abitype";
import * as OxEvent from "ox/AbiEvent";
import * as OxFunction from "ox/AbiFunction";
import type { Names } from "../../rules/expression/compileExpression.ts";
import { ExpressionError } from "../../rules/expression/Expression.ts";
import { typesOfInputs } from "../../rules/expression/typesOfAbi.ts";
import { txTypes } from "../../rules/placeTypes.ts";
import type { RulesInput } from "../../rules/rulesSchema.ts";
import type { OzMonitor } from "./OzMonitor.ts";
import { translateExpression } from "./translateExpression.ts";

type Rule = RulesInput["rules"][number];
type Match = NonNullable<Rule["any"]>[number];
type Tell = (part: string, what: string) => void;

/**
 * The rules that find what `monitor` finds: one, or several where its addresses have different ABIs or its transactions
 * different outcomes. What has no counterpart is told, and a condition whose restriction has none is left out.
 */
export function rulesOfMonitor(monitor: OzMonitor, id: string, tell: Tell): readonly Rule[] {
  const { events, functions, transactions } = monitor.match_conditions;
  const txs = txsOf(transactions, tell);
  if (txs === undefined) return [];
  const groups = groupsOf(monitor, tell);
  const rules = groups.flatMap(({ addresses, abi }) => {
    const matches = [
      ...events.flatMap((item, i) =>
        matchOf("event", item, abi, (what) => tell(`match_conditions.events[${i}]`, what)),
      ),
      ...functions.flatMap((item, i) =>
        matchOf("entry", item, abi, (what) => tell(`match_conditions.functions[${i}]`, what)),
      ),
    ];
    if (matches.length === 0 && events.length + functions.length > 0) return [];
    const any = matches.length === 0 ? {} : matches.length === 1 ? matches[0]! : { any: matches };
    return (txs.length === 0 ? [undefined] : txs).map((tx) => ({
      address: addresses,
      ...any,
      ...(tx === undefined ? {} : { tx }),
    }));
  });
  return rules.map((rule, i) => ({
    id: i === 0 ? id : `${id}-${i + 1}`,
    owner: id,
    reason: `OpenZeppelin Monitor "${monitor.name.replace(/[^\w .:()-]/g, "_")}" matched.`,
    ...rule,
  }));
}

interface Group {
  readonly addresses: Address[];
  readonly abi: readonly { readonly type: string }[];
}

/** Addresses with the same ABI together. */
function groupsOf({ addresses }: OzMonitor, tell: Tell): readonly Group[] {
  const groups = new Map<string, Group>();
  addresses.forEach(({ address, contract_spec, abi }, i) => {
    if (!isAddress(address)) {
      tell(`addresses[${i}]`, `"${address}" is no address of an EVM chain.`);
      return;
    }
    const spec = contract_spec ?? abi ?? [];
    const key = JSON.stringify(spec);
    const group = groups.get(key) ?? { addresses: [], abi: spec };
    group.addresses.push(toLower(address));
    groups.set(key, group);
  });
  if (groups.size === 0) tell("addresses", "There is no address; nothing would match.");
  return [...groups.values()];
}

function matchOf(
  kind: "event" | "entry",
  { signature, expression }: OzMonitor["match_conditions"]["events"][number],
  abi: Group["abi"],
  tell: (what: string) => void,
): readonly Match[] {
  const item = itemOf(kind === "event" ? "event" : "function", signature, abi);
  if (item === undefined) {
    tell(`"${signature}" is not in the contract's ABI, without which it would not match either.`);
    return [];
  }
  const text = item.type === "event" ? OxEvent.format(item) : OxFunction.format(item);
  const where = translated(expression, typesOfInputs(item.inputs), tell);
  if (where === undefined) return [];
  return [{ [kind]: text, ...(where === "" ? {} : { where }) }];
}

/** The item of `abi` whose types are those of `signature`. */
function itemOf(kind: "event" | "function", signature: string, abi: Group["abi"]): AbiEvent | AbiFunction | undefined {
  const wanted = signature.replace(/\s/g, "");
  return abi.find((item): item is AbiEvent | AbiFunction => {
    if (item.type !== kind) return false;
    const { name, inputs = [] } = item as unknown as { name: string; inputs?: readonly AbiParameter[] };
    return `${name}(${inputs.map(typeText).join(",")})` === wanted;
  });
}

function typeText(input: AbiParameter): string {
  if (!input.type.startsWith("tuple")) return input.type;
  const components = "components" in input ? (input.components as readonly AbiParameter[]) : [];
  return `(${components.map(typeText).join(",")})${input.type.slice("tuple".length)}`;
}

/** The expression in our words; "" for none; undefined, and told, where it has no counterpart. */
function translated(
  expression: string | null | undefined,
  types: Names,
  tell: (what: string) => void,
): string | undefined {
  if (expression === null || expression === undefined || expression.trim() === "") return "";
  try {
    return translateExpression(expression, types);
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    tell(`Expression "${expression}" has no counterpart: ${error.what} The condition is left out.`);
    return undefined;
  }
}

const statuses = ["any", "success", "failure"] as const;

/** What is asked of transactions, one for each outcome; undefined where nothing of it has a counterpart. */
function txsOf(
  transactions: OzMonitor["match_conditions"]["transactions"],
  tell: Tell,
): readonly NonNullable<Rule["tx"]>[] | undefined {
  const wheres = new Map<"any" | "success" | "failure", string[]>();
  transactions.forEach(({ status, expression }, i) => {
    const outcome = statuses.find((known) => known === (status ?? "any").toLowerCase());
    if (outcome === undefined) {
      tell(`match_conditions.transactions[${i}]`, `Status "${status}" is not known.`);
      return;
    }
    const where = translated(expression, txTypes, (what) => tell(`match_conditions.transactions[${i}]`, what));
    if (where !== undefined) wheres.set(outcome, [...(wheres.get(outcome) ?? []), where]);
  });
  if (transactions.length > 0 && wheres.size === 0) return undefined;
  return [...wheres].map(([status, list]) => {
    const where = list.includes("") ? "" : list.map((text) => (list.length > 1 ? `(${text})` : text)).join(" or ");
    return { status, ...(where === "" ? {} : { where }) };
  });
}
