// What was answered about a share's price while a transaction ran, and what the same question is answered around its block. A
// price that is pushed and comes back within the transaction shows in no state, but whoever lent against it asked for it.
import { ratioOf } from "../../math/ratio.ts";
import { walk } from "../../model/CallTree.ts";
import type { Address, Hex } from "../../model/Hex.ts";
import type { StateAnswer, StateRead } from "../../model/StateRead.ts";
import type { TxView } from "../../model/TxView.ts";
import { isPriceQuestion, priceAnswer } from "./readShares.ts";

/** The lowest and highest answer to one question within one transaction. */
export interface PriceAnswers {
  readonly view: TxView;
  readonly vault: Address;
  readonly input: Hex;
  readonly low: bigint;
  readonly high: bigint;
  /** What the question is answered at the parent block and at the block; empty where it cannot be asked there. */
  readonly around: readonly bigint[];
}

// A selector and one argument, as text. What is longer has a tail that nobody reads, and that somebody else made.
const questionLength = 2 + 8 + 64;

// Each costs two reads; who asks more about one block asks the same again with other arguments.
const maxQuestions = 32;

export function answersWithin(
  { readAll }: { readAll(reads: readonly StateRead[]): readonly StateAnswer[] },
  views: readonly TxView[],
  vaults: ReadonlySet<Address>,
): PriceAnswers[] {
  const found = views.flatMap((view) => answersOf(view, vaults));
  const asked = [...new Map(found.map((one) => [`${one.vault}${one.input}`, one])).values()].slice(0, maxQuestions);
  if (asked.length === 0) return [];
  const answers = readAll(asked.flatMap(({ vault, input }) => bothReads(vault, input)));
  const around = new Map(
    asked.map(({ vault, input }, i) => {
      const prices = answers
        .slice(2 * i, 2 * i + 2)
        .map((answer) => (answer.ok ? priceAnswer(input, answer.value) : undefined));
      return [`${vault}${input}`, prices.every((price) => price !== undefined && price > 0n) ? prices : []] as const;
    }),
  );
  return found.map((one) => ({ ...one, around: (around.get(`${one.vault}${one.input}`) ?? []) as readonly bigint[] }));
}

/** How far the range from `low` to `high` reaches from `price`, as a share of it. */
export function offBy(price: bigint, low: bigint, high: bigint): number {
  const distance = high > price ? high - price : 0n;
  const below = low < price ? price - low : 0n;
  return ratioOf(distance > below ? distance : below, price);
}

function bothReads(to: Address, data: Hex): StateRead[] {
  return [
    { kind: "call", at: "parent", to, data },
    { kind: "call", at: "block", to, data },
  ];
}

function answersOf(view: TxView, vaults: ReadonlySet<Address>): Omit<PriceAnswers, "around">[] {
  if (view.trace === undefined) return [];
  const answers = new Map<string, Omit<PriceAnswers, "around">>();
  for (const { frame, context: vault, reverted } of walk(view.trace)) {
    if (reverted || !vaults.has(vault) || !isPriceQuestion(frame.input) || frame.type === "DELEGATECALL") continue;
    const price = priceAnswer(frame.input, frame.output);
    if (price === undefined || price === 0n) continue;
    const input = frame.input.slice(0, questionLength) as Hex;
    const before = answers.get(`${vault}${input}`) ?? { view, vault, input, low: price, high: price };
    const low = price < before.low ? price : before.low;
    const high = price > before.high ? price : before.high;
    answers.set(`${vault}${input}`, { ...before, low, high });
  }
  return [...answers.values()];
}
