import type { Evm, EvmMark } from "@testudo/core/model/Evm";
import type { Address, Hex } from "@testudo/core/model/Hex";
import { selector } from "@testudo/core/model/KnownSignature";

/** What somebody holds: of an ERC-20 token, or without one ether in wei. */
export interface Holding {
  readonly holder: Address;
  readonly token?: Address;
}

/** What one lost of an asset over the attack's transactions; without a token it is ether, in wei. */
export interface Loss extends Holding {
  readonly amount: bigint;
}

/** The amounts of `holdings` now, or as they were at `mark`; null where a token does not answer. */
export async function amountsOf(
  evm: Evm,
  holdings: readonly Holding[],
  mark?: EvmMark,
): Promise<readonly (bigint | null)[]> {
  const amounts: (bigint | null)[] = [];
  for (const { holder, token } of holdings) {
    const answer = await evm.read(
      token === undefined ? { kind: "balance", address: holder } : { kind: "call", to: token, data: balanceOf(holder) },
      mark,
    );
    amounts.push(answer.ok && answer.value.length >= 66 ? BigInt(answer.value.slice(0, 66)) : null);
  }
  return amounts;
}

/** What was lost in all, given how each holding changed by each of the attack's transactions. */
export function lossesOf(holdings: readonly Holding[], changes: readonly (readonly bigint[])[]): readonly Loss[] {
  return holdings.flatMap((holding, i) => {
    const change = changes.reduce((sum, one) => sum + one[i]!, 0n);
    return change < 0n ? [{ ...holding, amount: -change }] : [];
  });
}

/** What single transactions took of holdings that in all lost nothing: who pays in more than he takes may have a claim to it still. */
export function offsetOf(holdings: readonly Holding[], changes: readonly (readonly bigint[])[]): readonly Loss[] {
  return holdings.flatMap((holding, i) => {
    const own = changes.map((one) => one[i]!);
    const taken = own.reduce((sum, change) => (change < 0n ? sum - change : sum), 0n);
    return taken > 0n && own.reduce((sum, change) => sum + change, 0n) >= 0n ? [{ ...holding, amount: taken }] : [];
  });
}

/** How each amount changed; nothing where one of the two could not be read. */
export function changeOf(before: readonly (bigint | null)[], after: readonly (bigint | null)[]): readonly bigint[] {
  return before.map((was, i) => {
    const is = after[i] ?? null;
    return was === null || is === null ? 0n : is - was;
  });
}

function balanceOf(holder: Address): Hex {
  return `${selector.balanceOf}${holder.slice(2).padStart(64, "0")}`;
}
