import type { Scope } from "@testudo/core/model/BlockBundle";
import type { Detector, DetectorMeta, DetectorUse } from "@testudo/core/model/Detector";
import type { Hex } from "@testudo/core/model/Hex";
import { toPlainJson } from "@testudo/core/model/plainJson";
import type { Trigger } from "@testudo/core/model/Trigger";
import { z } from "zod";
import { type BookedContract, bookContracts, type ContractBook } from "./ContractBook.ts";
import type { Contracts } from "./ContractSource.ts";
import type { DetectorApp, DetectorDefinition } from "./DetectorDefinition.ts";
import { findMisspelt, type Nameable } from "./findMisspelt.ts";
import { readTriggers } from "./readTriggers.ts";
import { type Handlers, runHandlers } from "./runHandlers.ts";

/** A detector that stands in `detectors: […]` as it is, or with other parameters through `useDetector`. */
export type DefinedDetector<P extends object> = Detector<P> & DetectorUse;

const unlooked = z.unknown().optional();
// Whatever is misspelt is said to be unknown: a detector without its defaults would be another one.
const shape = z.strictObject({
  id: z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, "lower case, digits and hyphens"),
  version: z.string().regex(/^\d+\.\d+\.\d+$/, 'three numbers, such as "1.0.0"'),
  runbook: z.string().trim().min(1, "where it stands what to do"),
  owner: z.string().trim().min(1, "who does it"),
  kind: z.enum(["anomaly", "damage", "invariant", "health"], "anomaly, damage, invariant or health"),
  finality: z
    .union([z.enum(["latest", "finalized"]), z.int().min(0)], '"latest", "finalized" or a number of blocks')
    .optional(),
  setup: z.custom<unknown>((value) => typeof value === "function", "a function"),
  ...{
    hard: unlooked,
    needs: unlooked,
    frameLogs: unlooked,
    params: unlooked,
    defaults: unlooked,
    contracts: unlooked,
  },
});

/**
 * A detector typed from the ABI of its contracts. Throws DetectorMalformed (also where a handler reads a name that is not there),
 * ContractMalformed, or ZodError for defaults that its own parameters refuse.
 *
 * @example
 * defineDetector({
 *   id: "big-withdrawal", version: "1.0.0", kind: "anomaly", owner: "risk", runbook: "RUNBOOK.md#it-paged",
 *   contracts: { Vault: { abi: ["event Withdraw(address indexed user, uint256 amount)", "function totalAssets() view returns (uint256)"] } },
 *   defaults: { maxBps: 2_000 },
 *   setup(app) {
 *     app.on("Vault:Withdraw", (c) => {
 *       const out = c.window("out", "1h").add(c.event.args.amount);
 *       const before = c.read.Vault.totalAssets({ at: "parent" });
 *       if (out.bps(before) > c.p.maxBps) c.finding({ severity: "critical", evidence: { out: out.sum, before } });
 *     });
 *   },
 * });
 */
export function defineDetector<const C extends Contracts, P extends object = Record<never, never>>(
  definition: DetectorDefinition<C, P>,
): DefinedDetector<P> {
  const checked = shape.safeParse(definition);
  if (!checked.success)
    throw new DetectorMalformed(
      String(definition.id),
      checked.error.issues
        .map(({ path, message }) => (path.length === 0 ? message : `${path.join(".")}: ${message}`))
        .join("; "),
    );
  if (definition.hard === true && definition.kind !== "invariant")
    throw new DetectorMalformed(definition.id, 'hard: only a detector of kind "invariant" may be hard');
  const defaults = definition.defaults ?? ({} as P);
  const params = definition.params ?? (likeDefaults(defaults) as unknown as z.ZodType<P>);
  const settings = params.parse(defaults);
  const book = bookContracts(definition.contracts ?? {});
  refuseMisspelt(definition, { params: namesOf(params), book });
  const handlersOf = rememberSetups(definition, book);
  const major = definition.version.split(".")[0]!;
  const meta = metaOf(definition, handlersOf(settings));
  const triggers = triggersOf(handlersOf(settings));
  const detect: DetectorUse["detect"] = (context) => {
    const run = { id: definition.id, major, book, handlers: handlersOf(context.params as P) };
    runHandlers(run, context as Parameters<typeof runHandlers>[1]);
  };
  const text = textOf(definition);
  const { frameLogs } = definition;
  return {
    ...{ meta, params, defaults, settings, detect, text },
    ...(triggers === undefined ? {} : { triggers }),
    ...(frameLogs === undefined ? {} : { frameLogs }),
  };
}

/** The names of all parameters that there can be; undefined where the schema does not say. */
function namesOf(params: z.ZodType): readonly string[] | undefined {
  if (!(params instanceof z.ZodObject)) return undefined;
  const { catchall } = params.def;
  return catchall === undefined || catchall instanceof z.ZodNever ? Object.keys(params.shape) : undefined;
}

function refuseMisspelt({ id, setup }: { readonly id: string; readonly setup: unknown }, nameable: Nameable): void {
  const misspelt = findMisspelt(String(setup), nameable);
  if (misspelt === undefined) return;
  const { written, known } = misspelt;
  throw new DetectorMalformed(id, `"${written}" is not there; known are ${known.join(", ") || "none"}`);
}

// Parameters are fixed while a program runs: `setup` runs once for each set of them.
function rememberSetups<C extends Contracts, P extends object>(
  definition: DetectorDefinition<C, P>,
  book: ContractBook,
): (p: P) => Handlers {
  const known = new WeakMap<object, Handlers>();
  return (p) => {
    const found = known.get(p);
    if (found !== undefined) return found;
    const handlers = setUp(definition, book, p);
    known.set(p, handlers);
    return handlers;
  };
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer V)[] ? V[] : never };

function setUp<C extends Contracts, P extends object>(
  definition: DetectorDefinition<C, P>,
  book: ContractBook,
  p: P,
): Handlers {
  const { id } = definition;
  const handlers: Mutable<Handlers> = { events: [], frames: [], txs: [], blocks: [] };
  const app: DetectorApp<C, P> = {
    on(key, handler) {
      const [contract, name] = split(id, book, key, ":");
      const topics = keysOf(contract.events, name);
      if (topics.size === 0) throw new DetectorMalformed(id, `${contract.name} has no event "${name}"`);
      handlers.events.push({ contract, topics, handler });
    },
    trace(key, handler) {
      const [contract, name] = split(id, book, key, ".");
      const selectors = name === "*" ? undefined : keysOf(contract.functions, name);
      if (selectors?.size === 0) throw new DetectorMalformed(id, `${contract.name} has no function "${name}"`);
      handlers.frames.push({ contract, selectors, handler });
    },
    tx(handler, only) {
      const refuse = (what: string): never => {
        throw new DetectorMalformed(id, `app.tx takes ${what}`);
      };
      handlers.txs.push({ handler, ...(only === undefined ? {} : { only: readTriggers(only, refuse) }) });
    },
    block({ every }, handler) {
      if (!Number.isSafeInteger(every) || every < 1)
        throw new DetectorMalformed(id, `app.block takes every: 1 or more, not ${every}`);
      handlers.blocks.push({ every, handler });
    },
  };
  definition.setup(app, p);
  if (Object.values(handlers).every((list) => list.length === 0))
    throw new DetectorMalformed(id, "setup listens to nothing, so that it would be silent for ever");
  return handlers;
}

function split(id: string, book: ContractBook, key: string, sign: string): [BookedContract, string] {
  const at = key.indexOf(sign);
  const contract = book.get(key.slice(0, at));
  if (at < 0 || contract === undefined)
    throw new DetectorMalformed(id, `"${key}" names no contract; known are ${[...book.keys()].join(", ") || "none"}`);
  return [contract, key.slice(at + 1)];
}

function keysOf(items: ReadonlyMap<Hex, { readonly name: string }>, name: string): Set<Hex> {
  return new Set([...items].filter(([, item]) => item.name === name).map(([key]) => key));
}

type Described = Pick<
  DetectorDefinition<Contracts, object>,
  "id" | "version" | "kind" | "runbook" | "owner" | "hard" | "finality" | "needs"
>;

function metaOf(definition: Described, handlers: Handlers): DetectorMeta {
  const { id, version, kind, runbook, owner, hard, finality = "finalized" } = definition;
  return {
    id,
    version,
    class: kind,
    needs: definition.needs ?? needsOf(handlers),
    finality: finality === "latest" ? 0 : finality,
    ...(hard === true ? { hard } : {}),
    runbook,
    owner,
  };
}

/** Without call trees a detector that also listens to other things judges less well; one of calls alone cannot judge. */
function needsOf({ events, frames, txs, blocks }: Handlers): DetectorMeta["needs"] {
  const all: Scope[] = ["X", ...(events.length > 0 ? (["L"] as const) : [])];
  const isCallsOnly = events.length + txs.length + blocks.length === 0;
  if (frames.length === 0) return { all };
  return isCallsOnly ? { all: [...all, "T"] } : { all, degraded: ["T"] };
}

/** What wakes the handlers; undefined where one of them listens to every block or transaction. */
function triggersOf({ events, frames, txs, blocks }: Handlers): readonly Trigger[] | undefined {
  if (blocks.length > 0 || txs.some(({ only }) => only === undefined)) return undefined;
  const at = ({ addresses }: BookedContract) => addresses ?? "watched";
  return [
    ...events.flatMap(({ contract, topics }) =>
      [...topics].map((topic): Trigger => ({ kind: "log", topic, at: at(contract) })),
    ),
    ...frames.flatMap(({ contract, selectors }) =>
      selectors === undefined
        ? [{ kind: "call", at: at(contract) } as const]
        : [...selectors].map((selector): Trigger => ({ kind: "call", selector, at: at(contract) })),
    ),
    ...txs.flatMap(({ only }) => only ?? []),
  ];
}

function likeDefaults(defaults: object): z.ZodType<object> {
  const fields = Object.entries(defaults).map(([name, value]) => {
    const type = typeof value;
    const error = `a ${type === "object" ? "value like its default" : type}`;
    return [
      name,
      z.custom<unknown>((given) => typeof given === type && Number.isNaN(given) === false, { error }),
    ] as const;
  });
  return z.strictObject(Object.fromEntries(fields)) as unknown as z.ZodType<object>;
}

// Tells one version of a detector from another where the number was forgotten.
function textOf({ setup, contracts }: { readonly setup: unknown; readonly contracts?: unknown }): string {
  return `${toPlainJson(contracts ?? null)}\n${String(setup)}`;
}

/** A detector cannot run as it is written. */
export class DetectorMalformed extends Error {
  override readonly name = "DetectorMalformed";
  constructor(id: string, what: string) {
    super(
      `Detector "${id}" cannot be used: ${what}.\n- Needed: id, version, kind, runbook, owner and a setup that listens to something.\n- Correct its definition.`,
    );
  }
}
