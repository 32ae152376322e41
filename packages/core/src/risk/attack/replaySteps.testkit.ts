import type { AttackStep } from "./planSteps.ts";

/** What came of a plan's swaps in a constant-product pool that knows nothing of plans. */
export interface Replayed {
  /** Spot at the end of each block of the window. */
  readonly spots: readonly number[];
  /** What the attacker lost, in quote at the fair price. */
  readonly loss: number;
  /** Spot after the last swap. */
  readonly end: number;
}

/** Swaps the amounts of `steps` in reserves x y = k, with the fee kept apart from them. */
export function replaySteps(
  steps: readonly AttackStep[],
  reserves: { readonly quote: number; readonly base: number; readonly fee: number },
  blocks: number,
): Replayed {
  let { quote, base } = reserves;
  const fair = quote / base;
  const product = quote * base;
  let wallet = 0;
  const swap = ({ tokenIn, amountIn, by }: AttackStep) => {
    const net = amountIn * (1 - reserves.fee);
    const [quoteBefore, baseBefore] = [quote, base];
    if (tokenIn === "quote") [quote, base] = [quote + net, product / (quote + net)];
    else [quote, base] = [product / (base + net), base + net];
    const out = tokenIn === "quote" ? (baseBefore - base) * fair : quoteBefore - quote;
    const paid = tokenIn === "quote" ? amountIn : amountIn * fair;
    if (by === "attacker") wallet += out - paid;
  };
  const spots: number[] = [];
  for (let block = 0; block <= blocks; block += 1) {
    for (const at of ["first", "last"] as const)
      for (const step of steps) if (step.block === block && step.at === at) swap(step);
    if (block < blocks) spots.push(quote / base);
  }
  return { spots, loss: -wallet, end: quote / base };
}
