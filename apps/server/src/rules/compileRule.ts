import type { BlockBundle, Transaction } from "@testudo/core/model/BlockBundle";
import { isFailed } from "@testudo/core/model/CallTree";
import type { Plain } from "@testudo/core/model/canonicalJson";
import type { DetectorUse } from "@testudo/core/model/Detector";
import type { Severity } from "@testudo/core/model/Finding";
import { firstLineOf } from "@testudo/core/model/firstLineOf";
import type { Address } from "@testudo/core/model/Hex";
import type { TriggerPlace } from "@testudo/core/model/Trigger";
import type { TxView } from "@testudo/core/model/TxView";
import type { AbiEvent, AbiFunction, AbiParameter } from "abitype";
import * as OxEvent from "ox/AbiEvent";
import * as OxFunction from "ox/AbiFunction";
import { decodeCall } from "../author/ContractBook.ts";
import type { TxTrigger } from "../author/DetectorDefinition.ts";
import { defineDetector } from "../author/defineDetector.ts";
import type { BlockHandling, EventHandling, FrameHandling, TxHandling } from "../author/Handling.ts";
import { Unreadable } from "../author/readContracts.ts";
import { wordsOfArgs } from "../author/wordsOfArgs.ts";
import { compileAmount, compileCondition, ExpressionFault } from "./expression/compileExpression.ts";
import { baseOf, ExpressionError, type Value, type ValueType } from "./expression/Expression.ts";
import { typesOfInputs, valuesOfArgs } from "./expression/typesOfAbi.ts";
import { blockTypes, placeTypes, txTypes } from "./placeTypes.ts";
import type { MatchSettings, RuleSettings } from "./rulesSchema.ts";

/** A rule with what its file says for all rules filled in. */
export type Rule = Omit<RuleSettings, "severity" | "owner" | "runbook"> & {
  readonly severity: Severity;
  readonly owner: string;
  readonly runbook: string;
};

type Environment = { readonly [name: string]: Value };
type Types = { readonly [name: string]: ValueType };

/**
 * The detector that `rule` says (DET-08). Throws RuleMalformed, which names the field, where a signature or an expression
 * cannot be used.
 */
export function compileRule(rule: Rule): DetectorUse {
  const matches = matchesOf(rule).map((match, i) => compileMatch(rule, match, i));
  const contracts = Object.fromEntries(
    matches.flatMap(({ name, signature }) =>
      signature === undefined ? [] : [[name, { abi: [signature], ...addressOf(rule) }]],
    ),
  );
  const reads = Object.fromEntries(
    Object.entries(rule.reads ?? {}).map(([name, { call }]) => [`read_${name}`, { abi: [call], ...addressOf(rule) }]),
  );
  const needsStatus = rule.tx !== undefined && rule.tx.status !== "any";
  const detector = defineDetector({
    id: rule.id,
    version: rule.version,
    kind: rule.kind,
    owner: rule.owner,
    runbook: rule.runbook,
    contracts: { ...contracts, ...reads },
    frameLogs: [],
    // Settings tell an edited rule from the one before.
    defaults: { rule: JSON.stringify(rule) },
    setup: (app) => {
      for (const match of matches) match.listen(app as never);
    },
  });
  if (!needsStatus) return detector;
  const { all, degraded = [] } = detector.meta.needs;
  if (all.includes("T")) return detector;
  return {
    ...detector,
    meta: { ...detector.meta, needs: { all, degraded: [...new Set([...degraded, "T" as const])] } },
  };
}

function addressOf({ address }: Rule): { readonly address?: "any" | readonly Address[] } {
  return address === undefined ? {} : { address };
}

interface Placed {
  readonly match: MatchSettings;
  readonly path: readonly (string | number)[];
}

function matchesOf(rule: Rule): readonly Placed[] {
  const { event, call, entry, where, any } = rule;
  if (any !== undefined) return any.map((match, i) => ({ match, path: ["any", i] }));
  return [{ match: { event, call, entry, where }, path: [] }];
}

interface App {
  on(key: string, handler: (c: EventHandling<never, object, never>) => void): void;
  trace(key: string, handler: (c: FrameHandling<never, object, never>) => void): void;
  tx(handler: (c: TxHandling<never, object>) => void, only: readonly TxTrigger[]): void;
}

interface CompiledMatch {
  readonly name: string;
  readonly signature: string | undefined;
  readonly listen: (app: App) => void;
}

function compileMatch(rule: Rule, { match, path }: Placed, i: number): CompiledMatch {
  const name = `Match${i}`;
  if (match.event !== undefined) {
    const item = itemOf(match.event, "event", [...path, "event"]);
    const take = compileTake(rule, item.inputs, match, path);
    const listen = (app: App) =>
      app.on(`${name}:${item.name}`, (c) =>
        take(c, c.view, c.event.address, c.event.args as { readonly [name: string]: unknown }),
      );
    return { name, signature: match.event, listen };
  }
  if (match.call !== undefined) {
    const item = itemOf(match.call, "function", [...path, "call"]);
    const take = compileTake(rule, item.inputs, match, path);
    const listen = (app: App) =>
      app.trace(`${name}.${item.name}`, (c) =>
        take(c, c.view, c.frame.address, c.frame.args as { readonly [name: string]: unknown }),
      );
    return { name, signature: match.call, listen };
  }
  if (match.entry !== undefined) {
    const item = itemOf(match.entry, "function", [...path, "entry"]);
    const take = compileTake(rule, item.inputs, match, path);
    const selector = OxFunction.getSelector(item as OxFunction.AbiFunction);
    const handler = (c: TxHandling<never, object>) => {
      const args = decodeCall(item as Parameters<typeof decodeCall>[0], c.tx.input);
      if (args !== undefined) take(c, c.view, c.tx.to!, args);
    };
    const listen = (app: App) => app.tx(handler, [{ kind: "entry", selector, at: placeOf(rule) }]);
    return { name, signature: undefined, listen };
  }
  const take = compileTake(rule, [], match, path);
  const handler = (c: TxHandling<never, object>) => {
    const touched = [c.tx.from, c.tx.to, ...c.view.logs.map((log) => log.address)];
    const own = touched.find((address) => address !== null && isOf(rule, c, address));
    if (own !== undefined && own !== null) take(c, c.view, own, {});
  };
  const listen = (app: App) => app.tx(handler, [{ kind: "party", at: placeOf(rule) }]);
  return { name, signature: undefined, listen };
}

function placeOf({ address }: Rule): TriggerPlace {
  return address ?? "watched";
}

function isOf(rule: Rule, c: BlockHandling<never, object>, address: Address): boolean {
  if (rule.address === "any") return true;
  return rule.address === undefined ? c.raw.watched.has(address) : rule.address.includes(address);
}

function itemOf<K extends "event" | "function">(
  signature: string,
  kind: K,
  path: readonly (string | number)[],
): K extends "event" ? AbiEvent : AbiFunction {
  try {
    const item = kind === "event" ? OxEvent.from(signature) : OxFunction.from(signature);
    if ((item as { type: string }).type !== kind) throw new Error(`it is no ${kind}`);
    return item as never;
  } catch (error) {
    throw new RuleMalformed(
      path,
      `"${signature}" is no ${kind}: ${[firstLineOf(error), ...particularsOf(error)].join(" ")}`,
      `Allowed: "${kind} name(type name, …)", as in Solidity.`,
    );
  }
}

/** What the parser says of the part that it does not take, such as the type that it does not know. */
function particularsOf(error: unknown): readonly string[] {
  const { metaMessages } = error as { readonly metaMessages?: unknown };
  return Array.isArray(metaMessages) ? metaMessages.map(String).slice(0, 1) : [];
}

type Take = (
  c: TxHandling<never, object>,
  view: TxView,
  address: Address,
  args: { readonly [name: string]: unknown },
) => void;

/** What happens where an event or call of a match was seen: conditions, window, finding. */
function compileTake(
  rule: Rule,
  inputs: readonly AbiParameter[],
  match: MatchSettings,
  path: readonly (string | number)[],
): Take {
  const inputTypes = typesOfInputs(inputs);
  const types: Types = { ...placeTypes, ...typesOfReads(rule, inputTypes), ...inputTypes };
  const where =
    match.where === undefined ? undefined : atField([...path, "where"], () => compileCondition(match.where!, types));
  const isFit = compileTx(rule);
  const window = rule.window && compileWindow(rule.window, types);
  const valuesOfReads = compileReads(rule);
  return (c, view, address, args) => {
    if (!isFit(c, view)) return;
    const environment: Environment = {
      ...placeValues(c.tx, c.block, address),
      ...valuesOfReads(c),
      ...valuesOfArgs(inputs, args),
    };
    orUnreadable(rule.id, () => {
      if (where?.(environment) === false) return;
      const said = wordsOfArgs(args);
      const sums = window?.(c, environment);
      if (sums !== undefined && !sums.isOver) return;
      c.finding({
        severity: rule.severity,
        reason: rule.reason ?? `Rule ${rule.id} matched${said === "" ? "" : `: ${said}`}.`,
        subject: address,
        addresses: [c.tx.from],
        ...(sums === undefined ? {} : { key: ["window", ...sums.by] }),
        evidence: {
          ...(match.where === undefined ? {} : { where: match.where }),
          values: plainOf(valuesOfArgs(inputs, args)),
          ...(sums === undefined ? {} : { sum: sums.sum, count: sums.count, when: rule.window!.when }),
        },
      });
    });
  };
}

function typesOfReads(rule: Rule, inputTypes: Types): Types {
  return Object.fromEntries(
    Object.entries(rule.reads ?? {}).map(([name, { call }]) => {
      const path = ["reads", name, "call"];
      // The other value would stand in its place, and the view be read for nothing.
      const isTaken = [placeTypes, inputTypes, windowTypes].some((types) => Object.hasOwn(types, name));
      if (isTaken)
        throw new RuleMalformed(
          ["reads", name],
          `"${name}" is the name of something else here.`,
          `Allowed: a name other than ${Object.keys({ ...placeTypes, ...windowTypes, ...inputTypes }).join(", ")}.`,
        );
      const item = itemOf(call, "function", path);
      const [output] = item.outputs;
      if (item.inputs.length > 0 || item.outputs.length !== 1 || output === undefined)
        throw new RuleMalformed(
          path,
          `"${call}" does not take nothing and give one value.`,
          "Allowed: a view without arguments and with one result.",
        );
      return [name, typesOfInputs([{ ...output, name: "it" } as AbiParameter]).it!];
    }),
  );
}

/** What the views of `rule` answer, by the names that it gives them. */
function compileReads(rule: Rule): (c: TxHandling<never, object>) => Environment {
  const reads = Object.entries(rule.reads ?? {}).map(([name, { call, at }]) => {
    const item = itemOf(call, "function", ["reads", name, "call"]);
    return { name, view: item.name, at, output: { ...item.outputs[0]!, name: "it" } as AbiParameter };
  });
  if (reads.length === 0) return () => ({});
  return (c) => {
    const contracts = c.read as {
      readonly [contract: string]: { readonly [view: string]: (options: object) => unknown };
    };
    const results = c.together(
      ...reads.map(
        ({ name, view, at }) =>
          () =>
            contracts[`read_${name}`]![view]!({ at }),
      ),
    );
    return Object.fromEntries(
      reads.map(({ name, output }, i) => [name, valuesOfArgs([output], { it: results[i] }).it!]),
    );
  };
}

function compileTx({ tx }: Rule): (c: TxHandling<never, object>, view: TxView) => boolean {
  if (tx === undefined) return () => true;
  const types: Types = { ...txTypes, block: { fields: blockTypes } };
  const where = tx.where === undefined ? undefined : atField(["tx", "where"], () => compileCondition(tx.where!, types));
  return (c, view) => {
    const status = statusOf(view);
    // An unknown status matches: rather a finding too many.
    if (tx.status !== "any" && status !== undefined && status !== tx.status) return false;
    const { tx: fields, block } = placeValues(c.tx, c.block, "0x") as { tx: Environment; block: Environment };
    return where === undefined || where({ ...fields, block });
  };
}

/** How a transaction ended, where its call tree or its logs tell it. */
function statusOf({ trace, logs }: TxView): "success" | "failure" | undefined {
  if (trace !== undefined) return isFailed(trace) ? "failure" : "success";
  return logs.length > 0 ? "success" : undefined;
}

const windowTypes: Types = { sum: "int", count: { abi: "uint256" } };

interface Sums {
  readonly isOver: boolean;
  readonly sum: bigint;
  readonly count: bigint;
  readonly by: readonly string[];
}

function compileWindow(window: NonNullable<Rule["window"]>, types: Types) {
  const amount =
    window.sum === undefined ? undefined : atField(["window", "sum"], () => compileAmount(window.sum!, types));
  const by = (window.by ?? []).map((name, i) => {
    if (!Object.hasOwn(types, name) || baseOf(types[name]!) === undefined)
      throw new RuleMalformed(
        ["window", "by", i],
        `"${name}" is not known here, or no single value.`,
        `Allowed: ${Object.keys(types).join(", ")}.`,
      );
    return name;
  });
  const when = atField(["window", "when"], () => compileCondition(window.when, { ...types, ...windowTypes }));
  return (c: TxHandling<never, object>, environment: Environment): Sums => {
    const parts = by.map((name) => String(environment[name]));
    const count = c.window("count", window.over, ...parts).add(1n).sum;
    const { sum } =
      amount === undefined ? { sum: count } : c.window("sum", window.over, ...parts).add(amount(environment));
    return { isOver: when({ ...environment, sum, count }), sum, count, by: parts };
  };
}

function placeValues(tx: Transaction, { ref }: BlockBundle, address: string): Environment {
  const { hash, from, to, value, input, nonce, index } = tx;
  return {
    tx: { hash, from, to: to ?? "", value, input, nonce: BigInt(nonce), index: BigInt(index) },
    block: { number: ref.number, timestamp: ref.timestamp },
    address,
  };
}

const longestText = 256;
const longestList = 16;

// Evidence is kept for ever: what a contract emits may be a hundred kilobytes.
function plainOf(value: Value): Plain {
  if (typeof value === "string") return value.length > longestText ? `${value.slice(0, longestText)}…` : value;
  if (typeof value !== "object") return value;
  if (Array.isArray(value)) return (value as readonly Value[]).slice(0, longestList).map(plainOf);
  return Object.fromEntries(
    Object.entries(value)
      .slice(0, longestList)
      .map(([key, inner]) => [key, plainOf(inner)]),
  );
}

// A division by zero in a contract's figures ends this match, is told, and stops no other.
function orUnreadable(id: string, run: () => void): void {
  try {
    run();
  } catch (error) {
    if (error instanceof ExpressionFault) throw new Unreadable(`rule ${id}`, error.message);
    throw error;
  }
}

function atField<T>(path: readonly (string | number)[], compile: () => T): T {
  try {
    return compile();
  } catch (error) {
    if (error instanceof ExpressionError) throw new RuleMalformed(path, error.what, error.allowed, error.at);
    throw error;
  }
}

/** A rule cannot be used. `path` leads to the field within the rule, `at` to the column within its text. */
export class RuleMalformed extends Error {
  override readonly name = "RuleMalformed";
  readonly path: readonly (string | number)[];
  readonly what: string;
  readonly allowed: string;
  readonly at: number | undefined;
  constructor(path: readonly (string | number)[], what: string, allowed: string, at?: number) {
    super(`${path.join(".")}: ${what}\n- ${allowed}\n- Correct the rule.`);
    this.path = path;
    this.what = what;
    this.allowed = allowed;
    this.at = at;
  }
}
