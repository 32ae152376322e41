import { type Asset, native } from "@testudo/core/model/Asset";
import type { Evm } from "@testudo/core/model/Evm";
import type { Address } from "@testudo/core/model/Hex";
import { isNodeRead } from "@testudo/core/model/StateRead";
import { amountOf, holdingRead } from "@testudo/core/signs/Holding";

/** What a probe puts in as arguments beside the addresses of P and the deployer. */
export interface ProbeWords {
  /** Tokens of which P holds something. */
  readonly addresses: readonly Address[];
  /** Half, all and a tenth of what P holds and of what the deployer holds of the same, the likeliest first. */
  readonly amounts: readonly bigint[];
}

// Each is tried with each function of a contract; 256 calls are soon gone.
const tokensMax = 6;
const amountsMax = 18;

/** Reads what `protect` and `deployer` hold of native money and of `tokens`. Throws what the state throws. */
export async function readProbeWords(
  evm: Evm,
  { protect, deployer }: { readonly protect: readonly Address[]; readonly deployer: Address },
  tokens: readonly Address[],
): Promise<ProbeWords> {
  const addresses: Address[] = [];
  const held = await readAll(evm, protect, native);
  for (const token of tokens) {
    const own = addresses.length < tokensMax ? await readAll(evm, protect, token) : [];
    if (own.length > 0) addresses.push(token);
    held.push(...own);
  }
  const brought: bigint[] = [];
  for (const token of addresses) brought.push(...(await readAll(evm, [deployer], token)));
  const amounts = [...held.map(half), ...held, ...held.map(tenth), ...brought, ...brought.map(half)];
  return { addresses, amounts: [...new Set(amounts)].filter(isAny).slice(0, amountsMax) };
}

/** What each of `holders` holds of `asset`; no entry for one that holds next to nothing or cannot be read. */
async function readAll(evm: Evm, holders: readonly Address[], asset: Asset): Promise<bigint[]> {
  const amounts: bigint[] = [];
  for (const holder of holders) {
    const read = holdingRead(asset, holder, "block");
    const amount = isNodeRead(read) ? amountOf(await evm.read(read)) : undefined;
    if (amount !== undefined && isAny(amount)) amounts.push(amount);
  }
  return amounts;
}

const half = (amount: bigint) => amount / 2n;
const tenth = (amount: bigint) => amount / 10n;
const isAny = (amount: bigint) => amount > 1n;
