// A pool's own price before the block, read from what it says of itself: a square-root price, or two reserves.
import type { Asset } from "../model/Asset.ts";
import { type Address, addressOfWord, type Hex, wordAt } from "../model/Hex.ts";
import { selector } from "../model/KnownSignature.ts";
import type { StateAnswer, StateRead } from "../model/StateRead.ts";

/** Algebra's `globalState()`, whose first word is the square-root price too. */
const globalState: Hex = "0xe76c01e4";

/** Reads for the own price of `pool` at the parent: Uniswap v3, Algebra and kin keep a square-root price, v2 and kin two reserves. */
export function quoteReads(pool: Address): StateRead[] {
  return [selector.slot0, globalState, selector.getReserves, selector.token0, selector.token1].map((data) => ({
    kind: "call",
    at: "parent",
    to: pool,
    data,
  }));
}

/** Units of token1 for one of token0, as a fraction. */
interface Quote {
  readonly token0: Asset;
  readonly token1: Asset;
  readonly price: readonly [numerator: bigint, denominator: bigint];
  /** Only of a pool that has no price of its own but these. */
  readonly reserves?: readonly [bigint, bigint];
}

function quoteOf(answers: readonly StateAnswer[]): Quote | undefined {
  const word = (at: number, i = 0) => {
    const answer = answers[at];
    return answer?.ok === true ? wordAt(answer.value, i) : undefined;
  };
  const [first, second] = [word(3), word(4)];
  if (first === undefined || second === undefined) return undefined;
  const [token0, token1] = [addressIn(first), addressIn(second)];
  const sqrtPrice = word(0) ?? word(1);
  if (sqrtPrice) return { token0, token1, price: [sqrtPrice * sqrtPrice, 1n << 192n] };
  const [reserve0, reserve1] = [word(2), word(2, 1)];
  if (!reserve0 || !reserve1) return undefined;
  return { token0, token1, price: [reserve1, reserve0], reserves: [reserve0, reserve1] };
}

function addressIn(word: bigint): Address {
  return addressOfWord(`0x${word.toString(16).padStart(64, "0")}`);
}

/**
 * Whether a pool's exchange was at most 2 % better for the taker than the pool's own terms before the block: its price,
 * or of a pool with reserves their product, which allows a large trade far less than the price does.
 *
 * @param earlier Net of the block before the exchange, which has moved the reserves since.
 */
export function isWithinQuote(
  answers: readonly StateAnswer[],
  out: readonly [Asset, bigint],
  into: readonly [Asset, bigint],
  earlier: ReadonlyMap<Asset, bigint> = new Map(),
): boolean {
  const quote = quoteOf(answers);
  if (quote === undefined || !isPairOf(quote, out[0], into[0])) return false;
  if (quote.reserves === undefined) return isAtPrice(quote, out, into, 102n);
  const [reserve0, reserve1] = quote.reserves;
  const [reserveOut, reserveIn] = out[0] === quote.token0 ? [reserve0, reserve1] : [reserve1, reserve0];
  const [heldOut, heldIn] = [reserveOut + (earlier.get(out[0]) ?? 0n), reserveIn + (earlier.get(into[0]) ?? 0n)];
  return out[1] * (heldIn + into[1]) * 100n <= into[1] * heldOut * 102n;
}

/** Whether `into` is worth at least four fifths of `out` at the price that a pool tells. */
export function isNearQuote(
  answers: readonly StateAnswer[],
  out: readonly [Asset, bigint],
  into: readonly [Asset, bigint],
): boolean {
  const quote = quoteOf(answers);
  return quote !== undefined && isPairOf(quote, out[0], into[0]) && isAtPrice(quote, out, into, 125n);
}

function isPairOf({ token0, token1 }: Quote, a: Asset, b: Asset): boolean {
  return (a === token0 && b === token1) || (a === token1 && b === token0);
}

/** out <= into x price x percent / 100. */
function isAtPrice(
  { token1, price: [numerator, denominator] }: Quote,
  out: readonly [Asset, bigint],
  into: readonly [Asset, bigint],
  percent: bigint,
): boolean {
  if (out[0] === token1) return out[1] * denominator * 100n <= into[1] * numerator * percent;
  return out[1] * numerator * 100n <= into[1] * denominator * percent;
}
