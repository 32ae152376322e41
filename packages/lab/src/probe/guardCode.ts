// Code that reads what the protected addresses hold, put on the engine where nobody else sees it. What it compares is, to the
// search, one more comparison to turn: so calls are looked for that bring a holding below a level.
import { type Address, toWord } from "@testudo/core/model/Hex";
import { readPlace } from "../adversary/Place.ts";
import { fromHex } from "../record/bytes.ts";

/** What one address holds of one token, or of native money where `token` is undefined, in the smallest unit. */
export interface Holding {
  readonly holder: Address;
  readonly token: Address | undefined;
  readonly amount: bigint;
}

/** Losses that are told apart, in hundredths of a per cent of the holding; the least is what no rounding explains. */
export const lossLevels = [1, 500, 2_000, 5_000] as const;

const outputs = 0x80;
const wordBytes = 32;

/**
 * Code that returns one word for each of `holdings`: what is held now, or `amount` where the token does not say. Each is compared
 * with what is left of `amount` after each loss of `lossLevels`.
 */
export function guardCode(holdings: readonly Holding[]): Uint8Array {
  const parts = holdings.map((holding, i) => {
    const levels = lossLevels.map((bps) => compared(leftOf(holding.amount, bps))).join("");
    return `${holding.token === undefined ? nativeOf(holding) : tokenOf(holding, holding.token)}${levels}${stored(i)}`;
  });
  // PUSH2 length PUSH2 outputs RETURN
  return fromHex(`0x${parts.join("")}61${two(holdings.length * wordBytes)}61${two(outputs)}f3`);
}

/** What is left of `amount` after a loss. */
export function leftOf(amount: bigint, bps: number): bigint {
  return amount - (amount * BigInt(bps)) / 10_000n;
}

// PUSH20 holder BALANCE
const nativeOf = ({ holder }: Holding): string => `73${holder.slice(2)}31`;

// No more gas than that: a token that burns what it is given would hide what becomes of all others.
function tokenOf({ holder, amount }: Holding, token: Address): string {
  return [
    `7f${toWord(amount)}604052`, // MSTORE(0x40, amount)
    "6370a0823160e01b5f52", // MSTORE(0, balanceOf's selector)
    `73${holder.slice(2)}600452`, // MSTORE(4, holder)
    `6020604060245f73${token.slice(2)}62030d40fa50`, // STATICCALL(200000, token, 0, 0x24, 0x40, 0x20)
    "604051", // MLOAD(0x40)
  ].join("");
}

// PUSH32 level DUP2 LT POP: only its operands are of interest.
const compared = (level: bigint): string => `7f${toWord(level)}811050`;
// PUSH2 place MSTORE
const stored = (index: number): string => `61${two(outputs + index * wordBytes)}52`;
const two = (value: number): string => value.toString(16).padStart(4, "0");

/** The word with this number of what the code returned. */
export function readHeld(output: Uint8Array, index: number): bigint {
  return readPlace(output, { at: index * wordBytes, kind: "uint", bits: 256 });
}
