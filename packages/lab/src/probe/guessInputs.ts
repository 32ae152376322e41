// What arguments a function takes, where nobody has its ABI: its own checks say so. A decoder compares the length of the call data
// with the words that it wants, and each value with itself cut to its type.
import type { Address, Hex } from "@testudo/core/model/Hex";
import type { Comparison } from "@testudo/evm/hooks";
import type { Engine } from "@testudo/evm/openEngine";
import type { AbiParameter } from "viem";
import { fromHex, toWordBytes } from "../record/bytes.ts";

/** What was made out about one function. */
export interface GuessedInputs {
  /** As likely as each other: a value of no fixed length is of one kind or of another. */
  readonly inputs: readonly (readonly AbiParameter[])[];
  readonly isPayable: boolean;
}

interface Asked {
  readonly engine: Engine;
  readonly from: Address;
  readonly to: Address;
  readonly selector: Hex;
}

interface Answer {
  readonly succeeded: boolean;
  readonly gasUsed: bigint;
  readonly comparisons: readonly Comparison[];
}

const op = { lt: 0x10, gt: 0x11, slt: 0x12, sgt: 0x13, eq: 0x14 } as const;
const selectorBytes = 4n;
const wordBytes = 32n;
const mostWords = 16;
/** As many as templates fill, where the function does not say. */
const usualWords = 6;
/** A decoder needs a fraction of it. */
const gas = 100_000n;
const largest = (1n << 256n) - 1n;
/** Longest offset that a decoder takes. */
const longestOffset = (1n << 64n) - 1n;
const dynamic = "dynamic";

/** As many as templates fill, and money. */
export const unguessed: GuessedInputs = { inputs: [words(usualWords)], isPayable: true };

/** Asks the function at `to` with call data that it most likely refuses. The engine records comparisons; nothing is kept. */
export async function guessInputs(asked: Asked): Promise<GuessedInputs> {
  const bare = await ask(asked, [], 0n);
  const paid = await ask(asked, [], 1n);
  // Whoever takes no money says so before anything else.
  const isPayable = paid.succeeded || paid.gasUsed >= bare.gasUsed;
  const wanted = wordsWanted(bare.comparisons);
  if (wanted === undefined && bare.succeeded) return { inputs: [[], words(usualWords)], isPayable };
  const types = await typesOf(asked, wanted ?? usualWords);
  return { inputs: inputsOf(types), isPayable };
}

/** How many words the length of the call data was compared with. */
function wordsWanted(comparisons: readonly Comparison[]): number | undefined {
  const wanted = comparisons.flatMap(({ op: code, left, right }) => {
    const isSigned = code === op.slt || code === op.sgt;
    if (!isSigned && code !== op.lt && code !== op.gt) return [];
    const head = isSigned ? 0n : selectorBytes;
    // The shorter one is the call data: four bytes, or nothing behind them.
    const bytes = left === head ? right - head : right === head ? left - head : -1n;
    return bytes > 0n && bytes % wordBytes === 0n && bytes / wordBytes <= mostWords ? [Number(bytes / wordBytes)] : [];
  });
  return wanted.at(-1);
}

/** The type of each word. Each call shows the first one that a decoder refuses. */
async function typesOf(asked: Asked, count: number): Promise<string[]> {
  const types = Array.from({ length: count }, () => "uint256");
  for (let tries = 0; tries <= count; tries++) {
    const values = types.map((type, i) => (type === "uint256" ? largest - BigInt(i) : acceptedBy(type, count)));
    const { comparisons } = await ask(asked, values, 0n);
    let isLearnt = false;
    for (const [i, type] of types.entries()) {
      if (type !== "uint256") continue;
      const found = comparisons.map((one) => typeOf(one, values[i]!)).find((one) => one !== undefined);
      if (found === undefined) continue;
      types[i] = found;
      isLearnt = true;
    }
    if (!isLearnt) break;
  }
  return types;
}

/** The type that a comparison of `value` with what is left of it tells. */
function typeOf({ op: code, left, right }: Comparison, value: bigint): string | undefined {
  const other = left === value ? right : right === value ? left : undefined;
  if (other === undefined || other === value) return undefined;
  if ((code === op.gt || code === op.lt) && other === longestOffset) return dynamic;
  if (code !== op.eq) return undefined;
  if (other === 1n) return "bool";
  for (let bits = 8n; bits < 256n; bits += 8n) {
    if (other === BigInt.asUintN(Number(bits), value)) return bits === 160n ? "address" : `uint${bits}`;
    if (other === (value >> (256n - bits)) << (256n - bits)) return `bytes${bits / 8n}`;
  }
  return undefined;
}

/** A value that a decoder of `type` takes; an offset leads to a length of zero behind the words. */
const acceptedBy = (type: string, count: number): bigint => (type === dynamic ? BigInt(count) * wordBytes : 0n);

function inputsOf(types: readonly string[]): AbiParameter[][] {
  const as = (kind: string) => types.map((type): AbiParameter => ({ type: type === dynamic ? kind : type }));
  return types.includes(dynamic) ? [as("bytes"), as("uint256[]")] : [as("")];
}

function words(count: number): AbiParameter[] {
  return Array.from({ length: count }, () => ({ type: "uint256" }));
}

async function ask({ engine, from, to, selector }: Asked, values: readonly bigint[], value: bigint): Promise<Answer> {
  const before = engine.snapshot();
  try {
    await engine.accountAsync(from);
    // Whoever has none could not say whether it would be taken.
    if (value > 0n) engine.setBalance(from, value);
    const input = dataOf(selector, values);
    const { succeeded, gasUsed } = await engine.callAsync({ from, to, input, value, gas });
    return { succeeded, gasUsed, comparisons: engine.comparisons() };
  } finally {
    engine.rollback(before);
  }
}

const behind = 3;

function dataOf(selector: Hex, values: readonly bigint[]): Uint8Array {
  const tail = values.length === 0 ? 0 : behind;
  const data = new Uint8Array(4 + 32 * (values.length + tail));
  data.set(fromHex(selector));
  for (const [i, value] of values.entries()) data.set(toWordBytes(value), 4 + 32 * i);
  return data;
}
