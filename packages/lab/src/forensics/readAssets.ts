import { native } from "@testudo/core/model/Asset";
import type { Address, Hex } from "@testudo/core/model/Hex";
import type { StateAnswer, StateRead } from "@testudo/core/model/StateRead";
import { knownToken } from "./knownTokens.ts";
import { shortAddress } from "./openDecoder.ts";
import type { AssetInfo } from "./Report.ts";
import type { Study } from "./Study.ts";

const symbol: Hex = "0x95d89b41";
const decimals: Hex = "0x313ce567";
const asset: Hex = "0x38d52e0f";
const coins: { readonly [chainId: number]: string } = {
  1: "ETH",
  10: "ETH",
  56: "BNB",
  137: "POL",
  8453: "ETH",
  42161: "ETH",
  43114: "AVAX",
};

/** What is known of each asset that moved: what the tokens say of themselves, else their addresses. */
export async function readAssets(study: Study): Promise<Map<string, AssetInfo>> {
  const { transfers, examined } = study;
  const moved = [...new Set([native, ...transfers.map((transfer) => transfer.asset)])];
  const tokens = [...new Set(moved.filter((one) => one !== native).map((one) => one.split(":")[0] as Address))];
  const reads = tokens.flatMap((to): StateRead[] =>
    [symbol, decimals, asset].map((data) => ({ kind: "call", at: "block", to, data })),
  );
  const answers = reads.length === 0 || examined.answer === undefined ? [] : await examined.answer(reads);
  const said = new Map(tokens.map((token, i) => [token, answers.slice(i * 3, i * 3 + 3)] as const));
  return new Map(moved.map((one) => [one, describe(one, said, study)]));
}

function describe(one: string, said: ReadonlyMap<Address, readonly StateAnswer[]>, { examined }: Study): AssetInfo {
  if (one === native) return { asset: one, kind: "native", symbol: coins[examined.chainId] ?? "coin", decimals: 18 };
  const [token, id] = one.split(":") as [Address, string | undefined];
  const [ownSymbol, ownDecimals, underlying] = said.get(token) ?? [];
  const [knownSymbol, knownDecimals] = knownToken(examined.chainId, token) ?? [];
  const name = knownSymbol ?? textOf(ownSymbol) ?? shortAddress(token);
  const places = knownDecimals ?? numberOf(ownDecimals);
  if (id !== undefined) {
    const shown = id.length > 12 ? `${id.slice(0, 6)}…${id.slice(-4)}` : id;
    return { asset: one, kind: places === undefined ? "erc721" : "erc1155", symbol: `${name} #${shown}`, decimals: 0 };
  }
  const isVault = underlying?.ok === true && underlying.value.length === 66;
  return { asset: one, kind: isVault ? "erc4626" : "erc20", symbol: name, decimals: places ?? 0 };
}

// Some old tokens answer with 32 bytes in place of a text. A text is cut, and keeps to what can be shown.
function textOf(answer: StateAnswer | undefined): string | undefined {
  if (answer === undefined || !answer.ok || answer.value.length < 66) return undefined;
  const bytes = Buffer.from(answer.value.slice(2), "hex");
  const isText = bytes.length >= 96 && BigInt(`0x${bytes.subarray(0, 32).toString("hex")}`) === 32n;
  const length = isText ? Number(BigInt(`0x${bytes.subarray(32, 64).toString("hex")}`)) : 32;
  const text = (isText ? bytes.subarray(64, 64 + Math.min(length, 64)) : bytes.subarray(0, 32)).toString("utf8");
  const shown = text
    .replace(/[\p{C}\p{Default_Ignorable_Code_Point}]/gu, "")
    .trim()
    .slice(0, 24);
  return shown === "" ? undefined : shown;
}

function numberOf(answer: StateAnswer | undefined): number | undefined {
  if (answer === undefined || !answer.ok || answer.value.length !== 66) return undefined;
  const value = BigInt(answer.value);
  return value <= 36n ? Number(value) : undefined;
}
