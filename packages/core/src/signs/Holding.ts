// Reading how much of an asset an address holds. The token is a stranger: its answer may be short, long, or a revert.
import type { Asset } from "../model/Asset.ts";
import { native } from "../model/Asset.ts";
import { type Address, type Hex, toWord, wordAt } from "../model/Hex.ts";
import { selector } from "../model/KnownSignature.ts";
import type { At, StateAnswer, StateRead } from "../model/StateRead.ts";

/** The read that tells how much of `asset` `holder` holds. An ERC-721 or ERC-1155 id is asked for by `id`. */
export function holdingRead(asset: Asset, holder: Address, at: At): StateRead {
  if (asset === native) return { kind: "balance", at, address: holder };
  const [token, id] = asset.split(":") as [Address, string | undefined];
  const data: Hex =
    id === undefined
      ? `${selector.balanceOf}${toWord(holder)}`
      : `${selector.balanceOfId}${toWord(holder)}${toWord(BigInt(id))}`;
  return { kind: "call", at, to: token, data };
}

/** The read of a token's total supply. */
export function supplyRead(token: Address, at: At): StateRead {
  return { kind: "call", at, to: token, data: selector.totalSupply };
}

/** The first word of an answer; undefined for a revert, for too few bytes, and for a figure no honest token has (2^255 or more). */
export function amountOf(answer: StateAnswer | undefined): bigint | undefined {
  if (answer === undefined || !answer.ok) return undefined;
  const word = answer.value.length < 66 && answer.value.length > 2 ? undefined : wordAt(answer.value, 0);
  return word === undefined || word >> 255n !== 0n ? undefined : word;
}
