import type { AssetAmount, AssetInfo } from "./Report.ts";

export type Assets = ReadonlyMap<string, AssetInfo>;

/** `amount` of `asset` in whole units with its symbol: `1,234.5 USDC`. Cut to six digits behind the point, towards zero. */
export function sayAmount(assets: Assets, asset: string, amount: bigint): string {
  const { symbol = asset, decimals = 0 } = assets.get(asset) ?? {};
  return `${sayUnits(amount, decimals)} ${symbol}`;
}

/** `amount` with its point `decimals` digits from the right. What is too small for six digits says so. */
export function sayUnits(amount: bigint, decimals: number): string {
  const sign = amount < 0n ? "−" : "";
  const size = amount < 0n ? -amount : amount;
  const unit = 10n ** BigInt(decimals);
  const digits = (size / unit).toString();
  // Nobody reads more; such figures are of tokens that have no worth.
  if (digits.length > 21) return `${sign}${digits[0]}.${digits.slice(1, 3)} × 10^${digits.length - 1}`;
  const whole = grouped(digits);
  const rest = (size % unit).toString().padStart(decimals, "0").slice(0, 6).replace(/0+$/, "");
  if (size > 0n && size / unit === 0n && rest === "") return `${sign}${size} of the smallest units of`;
  return `${sign}${whole}${rest === "" || decimals === 0 ? "" : `.${rest}`}`;
}

/** Amounts as a list for a sentence: "1 ETH, 2 USDC and 3 more". */
export function sayAmounts(assets: Assets, amounts: readonly AssetAmount[], most = 3): string {
  const said = amounts.slice(0, most).map(({ asset, amount }) => sayAmount(assets, asset, amount));
  const more = amounts.length - said.length;
  return joined(more > 0 ? [...said, `${more} more`] : said);
}

export function joined(parts: readonly string[]): string {
  if (parts.length < 2) return parts[0] ?? "nothing";
  return `${parts.slice(0, -1).join(", ")} and ${parts.at(-1)}`;
}

/** A share as a percentage with at most one digit behind the point. */
export function sayShare(share: number): string {
  const percent = share * 100;
  const shown = Math.abs(percent) >= 10 || percent === 0 ? percent.toFixed(0) : percent.toFixed(1);
  return `${shown} %`;
}

/** A change of price: "+12 %", "−3.4 %", "×41". */
export function sayChange(change: number): string {
  if (change >= 9) return `×${(change + 1).toPrecision(3)}`;
  return `${change >= 0 ? "+" : "−"}${sayShare(Math.abs(change))}`;
}

function grouped(digits: string): string {
  return digits.replace(/\B(?=(\d{3})+(?!\d))/g, ",");
}
