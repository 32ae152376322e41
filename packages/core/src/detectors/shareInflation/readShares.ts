// What a share of a vault is worth, before and after a block. Vaults of ERC-4626 and markets of Compound are known by what
// they answer; what answers neither is asked no more.
import { type Address, type Hex, wordAt } from "../../model/Hex.ts";
import { selector } from "../../model/KnownSignature.ts";
import type { Memory } from "../../model/Memory.ts";
import { type At, isUnavailable, type StateAnswer, type StateRead } from "../../model/StateRead.ts";
import { functionSelector } from "../../model/signatureHash.ts";
import { amountOf } from "../../signs/Holding.ts";

/** Worth of all shares, and how many there are, at one block. The worth is in assets (ERC-4626), or a rate times the supply (Compound). */
export interface Shares {
  readonly assets: bigint;
  readonly supply: bigint;
}

/** How an address tells what its shares are worth. */
export type ShareKind = "vault" | "market";

const totalAssets = functionSelector("totalAssets()");
const exchangeRateStored = functionSelector("exchangeRateStored()");

function readsOf(to: Address, at: At): StateRead[] {
  return [totalAssets, exchangeRateStored, selector.totalSupply].map((data) => ({ kind: "call", at, to, data }));
}

/** Before and after, of one address. */
export interface ShareChange {
  readonly vault: Address;
  readonly kind: ShareKind;
  readonly before: Shares;
  readonly after: Shares;
}

/** The changes of `vaults` over the block; those that tell no price of a share are left out, and remembered as such. */
export function readShares(
  memory: Memory,
  vaults: Iterable<Address>,
  readAll: (reads: readonly StateRead[]) => readonly StateAnswer[],
): ShareChange[] {
  const asked = [...vaults].filter((vault) => memory.get(`kind:${vault}`) !== "none");
  const answers = readAll(asked.flatMap((vault) => [...readsOf(vault, "parent"), ...readsOf(vault, "block")]));
  return asked.flatMap((vault, i): ShareChange[] => {
    const [before, after] = [0, 3].map((at) => sharesOf(answers.slice(i * 6 + at, i * 6 + at + 3)));
    // A contract without code yet answers nothing at the parent block and may be a vault from now on.
    if (after === undefined && before === undefined && isAnswered(answers.slice(i * 6 + 3, i * 6 + 6)))
      memory.set(`kind:${vault}`, "none");
    if (before === undefined || after === undefined || before.kind !== after.kind) return [];
    return [{ vault, kind: before.kind, before: before.shares, after: after.shares }];
  });
}

/** Whether the address gave answers, if only refusals; a node's failure is none. */
function isAnswered(answers: readonly StateAnswer[]): boolean {
  return !answers.some(isUnavailable);
}

function sharesOf(answers: readonly StateAnswer[]): { readonly kind: ShareKind; readonly shares: Shares } | undefined {
  const [assets, rate, supply] = answers.map(amountOf);
  if (supply === undefined) return undefined;
  if (assets !== undefined) return { kind: "vault", shares: { assets, supply } };
  // A rate is worth per share already; times the supply it is worth of all, as the vault's.
  if (rate !== undefined && rate > 0n) return { kind: "market", shares: { assets: rate * supply, supply } };
  return undefined;
}

// Compound's comptroller asks for all of an account at once; the rate is the fourth word.
const accountSnapshot = functionSelector("getAccountSnapshot(address)");

/** Questions about a share's price that contracts ask within a transaction. */
const priceQuestions: ReadonlySet<string> = new Set([
  exchangeRateStored,
  accountSnapshot,
  ...[
    "convertToAssets(uint256)",
    "previewRedeem(uint256)",
    "exchangeRateCurrent()",
    "getPricePerFullShare()",
    "pricePerShare()",
    "get_virtual_price()",
    "getRate()",
  ].map(functionSelector),
]);

/** Whether `input` asks for the price of a share. */
export function isPriceQuestion(input: Hex): boolean {
  return priceQuestions.has(input.slice(0, 10));
}

/** The answer to the price question `input`; undefined where it is none. */
export function priceAnswer(input: Hex, output: Hex): bigint | undefined {
  const price = wordAt(output, input.slice(0, 10) === accountSnapshot ? 3 : 0);
  return price === undefined || price >> 255n !== 0n ? undefined : price;
}
