// A call with values that make sense beside the calls before it: the same parameter has the same value, what a call gave is taken
// by the next, amounts are what somebody has.
import type { Address, Hex } from "@testudo/core/model/Hex";
import type { AbiParameter } from "viem";
import { encodeAbiParameters } from "viem/utils";
import type { Callable } from "../adversary/Callable.ts";
import { arrayOf, componentsOf, leafOf, placesOf } from "../adversary/Place.ts";
import { fromHex, toHex } from "../record/bytes.ts";
import { drawNumber } from "./drawNumber.ts";
import { type CallMove, isCall, type Leaf, type Plan, type Source } from "./Plan.ts";
import type { Pools, View } from "./Pools.ts";

/** What is drawn for one word, and what stands in its place until it is known. */
interface Drawn {
  readonly value: unknown;
  readonly leaves: readonly Told[];
}

/** A value before its place is known; of call data within call data those of the inner one, counted from where that begins. */
type Told = Omit<Leaf, "place"> & { readonly inner?: readonly Leaf[] };

/** What a value may depend on. */
interface Context {
  readonly pools: Pools;
  readonly actor: number;
  /** Moves before it. */
  readonly before: readonly CallMove[];
  /** No word may be left for later: within call data within call data nothing is filled in. */
  readonly isPlain: boolean;
}

const mostItems = 2;
const mostDepth = 2;

/** Draws a move that stands behind `before`; where it takes what another function gives, that one may come first. */
export function drawMoves(pools: Pools, before: Plan): CallMove[] {
  const { chance, actors } = pools;
  const calls = before.filter(isCall);
  const actor = chance.once(4) ? chance.below(actors.length) : (calls.at(-1)?.actor ?? 0);
  const callable = rareOf(pools);
  const giver = chance.once(2) ? giverOf(callable, pools) : undefined;
  if (giver === undefined) return [drawCall(pools, calls, actor, callable)];
  const first = drawCall(pools, calls, actor, giver);
  return [first, drawCall(pools, [...calls, first], actor, callable)];
}

/** A function whose answer has the name and type of a parameter. */
function giverOf({ abi: { inputs } }: Callable, { chance, callables }: Pools): Callable | undefined {
  const givers = callables.filter(
    ({
      abi: {
        outputs: [output],
      },
    }) =>
      inputs.some(
        ({ name, type }) => name !== undefined && name !== "" && name === output?.name && type === output.type,
      ),
  );
  return givers.length === 0 ? undefined : chance.pick(givers);
}

/** Rather one that seldom went through. */
function rareOf({ chance, callables, successes }: Pools): Callable {
  const [a, b] = [chance.pick(callables), chance.pick(callables)];
  return (successes.get(a) ?? 0) < (successes.get(b) ?? 0) ? a : b;
}

function drawCall(pools: Pools, before: readonly CallMove[], actor: number, callable: Callable): CallMove {
  const { chance, scenario } = pools;
  const value = callable.isPayable && chance.once(2) ? nativeOf(scenario) >> BigInt(chance.below(8)) : 0n;
  const { input, leaves } = code(callable, { pools, actor, before, isPlain: false }, 0);
  return { kind: "call", id: pools.nextId(), actor, callable, value, input, leaves, inner: [] };
}

const nativeOf = ({ assets }: Pools["scenario"]): bigint =>
  assets.find(({ token }) => token === undefined)?.capital ?? 0n;

/** An address beside call data is whom it is for. */
function drawAll(inputs: readonly AbiParameter[], context: Context, depth: number): Drawn[] {
  const drawn = inputs.map((input) => drawValue(input, context, depth));
  const data = inputs.findIndex(({ type }) => type === "bytes");
  const target = inputs.findIndex(({ type }) => type === "address");
  if (data < 0 || target < 0 || depth >= mostDepth) return drawn;
  const { callable, input, leaves } = innerCall(context, depth + 1);
  const name = inputs[data]!.name ?? "";
  const chunks = Array.from({ length: Math.ceil(input.length / 32) }, (_, i) => (i === 0 ? { inner: leaves } : {}));
  drawn[data] = { value: toHex(input), leaves: chunks.map((chunk) => ({ name, type: "bytes", ...chunk })) };
  drawn[target] = { value: callable.to, leaves: [{ name: inputs[target]!.name ?? "", type: "address" }] };
  return drawn;
}

/** Call data of another function, as an argument. */
function innerCall(context: Context, depth: number): Coded & { callable: Callable } {
  const callable = context.pools.chance.pick(context.pools.callables);
  return { callable, ...code(callable, { ...context, isPlain: true }, depth) };
}

interface Coded {
  readonly input: Uint8Array;
  readonly leaves: readonly Leaf[];
}

/** Call data with drawn values, and where they stand. */
function code({ selector, inputs }: Callable, context: Context, depth: number): Coded {
  const drawn = drawAll(inputs, context, depth);
  const input = fromHex(
    `${selector}${encodeAbiParameters(
      inputs,
      drawn.map(({ value }) => value),
    ).slice(2)}`,
  );
  const told = drawn.flatMap((each) => each.leaves);
  const leaves = placesOf(inputs, input).flatMap((place, i): Leaf[] => {
    const { inner, ...leaf } = told[i]!;
    if (inner === undefined) return [{ ...leaf, place }];
    return inner.map((each) => ({ ...each, place: { ...each.place, at: place.at + each.place.at } }));
  });
  return { input, leaves };
}

function drawValue(input: AbiParameter, context: Context, depth: number): Drawn {
  const { chance } = context.pools;
  const array = arrayOf(input);
  if (array !== undefined) {
    const length = array.length ?? chance.below(mostItems + 1);
    const items = Array.from({ length }, () => drawValue({ ...array.item, name: input.name ?? "" }, context, depth));
    return { value: items.map(({ value }) => value), leaves: items.flatMap(({ leaves }) => leaves) };
  }
  if (input.type === "tuple") {
    const components = componentsOf(input);
    const items = drawAll(components, context, depth);
    const isNamed = components.every(({ name }) => name !== undefined && name !== "");
    return {
      value: isNamed
        ? Object.fromEntries(items.map(({ value }, i) => [components[i]!.name, value]))
        : items.map(({ value }) => value),
      leaves: items.flatMap(({ leaves }) => leaves),
    };
  }
  const name = input.name ?? "";
  if (input.type === "string") return { value: "x", leaves: [{ name, type: "string" }] };
  if (input.type === "bytes") return { value: "0x", leaves: [] };
  const { value, source } = drawLeaf(input.type, name, context);
  const leaf = source === undefined ? { name, type: input.type } : { name, type: input.type, source };
  return { value: asViem(input.type, value), leaves: [leaf] };
}

/** A word, as it stands in call data; with a source it is zero there. */
export function drawLeaf(type: string, name: string, context: Context): { value: bigint; source?: Source } {
  const { isPlain } = context;
  const { chance, words } = context.pools;
  const given = isPlain ? undefined : namesake(type, name, context);
  if (given !== undefined && chance.below(5) < 4) return { value: 0n, source: given };
  const called = isPlain ? undefined : viewNamed(type, name, context);
  if (called !== undefined && chance.below(3) < 2) return { value: 0n, source: called };
  const same = chance.below(4) < 3 ? sameAsBefore(type, name, context) : undefined;
  if (same !== undefined) return same;
  const { kind } = leafOf(type);
  const answered =
    !isPlain && chance.once(kind === "bytes" && words.length === 0 ? 2 : 8) ? answerOfBefore(type, context) : undefined;
  if (answered !== undefined) return { value: 0n, source: answered };
  if (kind === "bool") return { value: BigInt(chance.below(2)) };
  if (kind === "address") return { value: drawAddress(context) };
  if (kind === "bytes") return { value: drawWord(type, context) };
  if (!isPlain && chance.below(10) < 4) {
    const seen = drawView(context);
    if (seen !== undefined) return { value: 0n, source: seen };
  }
  return { value: drawNumber(leafOf(type), context.pools) };
}

function sameAsBefore(
  type: string,
  name: string,
  { before, isPlain }: Context,
): { value: bigint; source?: Source } | undefined {
  for (let i = before.length - 1; i >= 0; i--) {
    const { input, leaves } = before[i]!;
    // Widths may differ: an order's size is as wide as its maker thinks.
    const leaf = leaves.find((each) => each.name === name && leafOf(each.type).kind === leafOf(type).kind);
    if (leaf === undefined || (isPlain && leaf.source !== undefined)) continue;
    return leaf.source === undefined ? { value: wordAt(input, leaf) } : { value: 0n, source: leaf.source };
  }
  return undefined;
}

export function wordAt(input: Uint8Array, { place }: Leaf): bigint {
  const word = BigInt(toHex(input.subarray(place.at, place.at + 32)));
  if (place.kind === "int") return BigInt.asIntN(256, word);
  return place.kind === "bytes" ? word >> BigInt(256 - place.bits) : word;
}

/** The answer of the last move before it that has the parameter's name. */
function namesake(type: string, name: string, { before }: Context): Source | undefined {
  const giver = before.findLast(({ callable: { abi } }) => {
    const [output] = abi.outputs;
    return name !== "" && output?.name === name && output.type === type;
  });
  return giver === undefined ? undefined : { kind: "earlier", id: giver.id, word: 0, times: 1n, over: 1n };
}

function answerOfBefore(type: string, { pools, before }: Context): Source | undefined {
  const { kind } = leafOf(type);
  const fitting = before.filter(
    ({ callable: { abi } }) => abi.outputs.length > 0 && leafOf(abi.outputs[0]!.type).kind === kind,
  );
  if (fitting.length === 0) return undefined;
  return { kind: "earlier", id: pools.chance.pick(fitting).id, word: 0, times: 1n, over: 1n };
}

function drawAddress({ pools, actor }: Context): bigint {
  const { chance, actors, addresses, scenario } = pools;
  // Whoever holds a key wants it for himself.
  if (chance.once(2)) return BigInt(actors[actor < scenario.accounts ? actor : 0]!);
  return BigInt(chance.once(4) ? chance.pick(actors) : chance.pick(addresses));
}

function drawWord(type: string, { pools }: Context): bigint {
  const { chance, words } = pools;
  const { bits } = leafOf(type);
  if (words.length === 0 || chance.once(32)) return chance.once(2) ? 0n : chance.number(bits);
  return BigInt(chance.pick(words)) >> BigInt(256 - bits);
}

/** What a view answers under the parameter's own name: parts of a market's key, such as its oracle, go together. */
function viewNamed(type: string, name: string, context: Context): Source | undefined {
  // Words that say little by themselves are everywhere.
  if (name.length < shortestName || /^(amount|assets|shares|value|account|owner|market)$/.test(name)) return undefined;
  const { kind } = leafOf(type);
  const views = context.pools.views.filter((view) => view.name === name && leafOf(view.type).kind === kind);
  if (views.length === 0) return undefined;
  const view = context.pools.chance.pick(views);
  const question = questionOf(view, context);
  return { kind: "view", to: view.callable.to, question, word: view.word, times: 1n, over: 1n };
}
const shortestName = 3;

/** All, or a part, of a number that the chain tells. */
function drawView(context: Context): Source | undefined {
  const { chance, views } = context.pools;
  const numbers = views.filter(({ type }) => /^u?int/.test(type));
  if (numbers.length === 0) return undefined;
  const view = chance.pick(numbers);
  const part = chance.once(3) ? BigInt(1 + chance.below(16)) : 1n;
  return {
    kind: "view",
    to: view.callable.to,
    question: questionOf(view, context),
    word: view.word,
    times: 1n,
    over: part,
  };
}

function questionOf({ callable }: View, { pools, actor }: Context): Hex {
  const { chance, words, actors, addresses } = pools;
  const values = callable.inputs.map(({ type }) => {
    if (type === "address") return chance.below(4) === 0 ? chance.pick(addresses) : actors[actor]!;
    if (type === "bytes32") return words.length === 0 ? `0x${"0".repeat(64)}` : chance.pick(words);
    return BigInt(chance.below(2));
  });
  return `${callable.selector}${encodeAbiParameters(callable.inputs, values).slice(2)}` as Hex;
}

function asViem(type: string, value: bigint): unknown {
  const { kind, bits } = leafOf(type);
  if (kind === "bool") return value === 1n;
  if (kind === "address") return hexOf(value, 160);
  if (kind === "bytes") return hexOf(value, bits);
  const cut = kind === "int" ? BigInt.asIntN(bits, value) : BigInt.asUintN(bits, value);
  return bits <= 48 ? Number(cut) : cut;
}

const hexOf = (value: bigint, bits: number): Hex =>
  `0x${BigInt.asUintN(bits, value)
    .toString(16)
    .padStart(bits / 4, "0")}`;

/** All ways to ask a view of somebody, with every word that is worth naming. */
export function questionsOf({ callable }: View, { words }: Pools, who: Address): Hex[] {
  const options = callable.inputs.map(({ type }): readonly unknown[] => {
    if (type === "address") return [who];
    return type === "bytes32" ? words : [0n];
  });
  const all = options.reduce<readonly unknown[][]>(
    (lists, choices) => lists.flatMap((list) => choices.map((choice) => [...list, choice])),
    [[]],
  );
  return all.map((values) => `${callable.selector}${encodeAbiParameters(callable.inputs, values).slice(2)}` as Hex);
}
