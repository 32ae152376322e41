import type { Address } from "@testudo/core/model/Hex";
import { encodeFunctionData } from "viem/utils";
import type { Cast } from "./Cast.ts";
import { erc20Abi } from "./erc20Abi.ts";
import type { Question } from "./Question.ts";
import type { Scenario } from "./Scenario.ts";

/** What tells how much of an asset an account has; without a token: of the native coin. */
export function balanceQuestion(token: Address | undefined, account: Address): Question {
  if (token === undefined) return { to: account, input: "0x", word: 0 };
  const input = encodeFunctionData({ abi: erc20Abi, functionName: "balanceOf", args: [account] });
  return { to: token, input, word: 0 };
}

/** What all accounts have together, in the unit of account, WAD; `words` are balances, by asset and account. */
export function worthOf(
  { assets }: Pick<Scenario, "assets">,
  { accounts }: Pick<Cast, "accounts">,
  words: readonly bigint[],
): bigint {
  return assets.reduce((sum, { priceWad, decimals }, i) => {
    const held = words.slice(i * accounts.length, (i + 1) * accounts.length).reduce((all, each) => all + each, 0n);
    return sum + (held * priceWad) / 10n ** BigInt(decimals);
  }, 0n);
}
