// What a probe tries without looking at what comes of it: each function with the same few words.
import { type Address, type Hex, toWord } from "@testudo/core/model/Hex";

/** The words that templates are made of. */
export interface TemplateWords {
  readonly protect: readonly Address[];
  readonly deployer: Address;
  readonly addresses?: readonly Address[];
  readonly amounts?: readonly bigint[];
}

export interface Attempt {
  readonly input: Hex;
  /** In wei. */
  readonly value: bigint;
  /** Seconds after the block of the probe. */
  readonly seconds: number;
}

/** Time between blocks, as templates and guided calls count it. */
export const blockSeconds = 12;

const argumentsMax = 6;
const largest = (1n << 256n) - 1n;
const nameLength = "0x00000000".length;

/** The selector of an attempt. */
export const nameOf = ({ input }: Attempt) => input.slice(0, nameLength) as Hex;
/** Whether nothing stands behind the selector. */
export const isBare = ({ input }: Attempt) => input.length === nameLength;

/**
 * Every function with one template before any with the next, so that a budget that ends early has seen all of them. One that
 * succeeds without arguments, and is put into `takesNothing` by the caller, most likely takes none: with others it is tried
 * when all the rest has been. `tenth` is wei to send along, the second time.
 */
export function* attemptsOf(
  words: TemplateWords,
  functions: readonly Hex[],
  tenth: bigint,
  takesNothing: ReadonlySet<Hex>,
): Generator<Attempt> {
  const templates = templatesOf(words);
  const rounds = (tenth > 0n ? [0n, tenth] : [0n]).flatMap((value) =>
    [0, blockSeconds].map((seconds) => ({ value, seconds })),
  );
  for (const round of rounds)
    for (const text of templates)
      for (const name of functions)
        if (text === "" || !takesNothing.has(name)) yield { input: `${name}${text}`, ...round };
  for (const round of rounds)
    for (const text of templates)
      for (const name of takesNothing) if (text !== "") yield { input: `${name}${text}`, ...round };
}

/** What is put behind a selector: nothing, one word throughout, or an address and a number and zeros behind them. */
function templatesOf({ protect, deployer, addresses = [], amounts = [] }: TemplateWords): readonly string[] {
  const all = (word: bigint | Hex) => toWord(word).repeat(argumentsMax);
  const led = (by: Hex, word: bigint) => toWord(by) + toWord(word) + toWord(0n).repeat(argumentsMax - 2);
  const known = [...addresses, ...protect, deployer];
  return [
    "",
    all(0n),
    all(1n),
    ...amounts.map(all),
    ...known.map(all),
    all(largest),
    ...amounts.flatMap((amount) => known.map((address) => led(address, amount))),
    ...[1n, largest].flatMap((number) => known.map((address) => led(address, number))),
  ];
}
