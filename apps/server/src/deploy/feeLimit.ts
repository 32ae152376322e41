import { formatEther, formatGwei } from "viem/utils";
import { UsageError } from "../config/UsageError.ts";

/** What one run may offer for gas unless it is told otherwise, in wei: 1 ether. */
export const defaultMaxFee = 10n ** 18n;

/** Counts what a run may have to pay at most, in wei, so that no node's word makes it more than the limit. */
export interface FeeLimit {
  readonly maxFee: bigint;
  /** Counts an offer for `nonce` before it is stored or sent; of several for one nonce the chain takes one. Throws FeesTooHigh. */
  readonly offer: (nonce: number, gas: bigint, maxFeePerGas: bigint) => void;
}

/** Opens the account of one run. */
export function openFeeLimit(maxFee: bigint = defaultMaxFee): FeeLimit {
  const offers = new Map<number, bigint>();
  return {
    maxFee,
    offer: (nonce, gas, maxFeePerGas) => {
      const cost = gas * maxFeePerGas;
      const others = [...offers].reduce((sum, [at, offered]) => (at === nonce ? sum : sum + offered), 0n);
      const former = offers.get(nonce) ?? 0n;
      const dearest = cost > former ? cost : former;
      if (others + dearest > maxFee) throw new FeesTooHigh(others + dearest, maxFee, maxFeePerGas);
      offers.set(nonce, dearest);
    },
  };
}

/** Gas would cost more than the run may offer. Retryable: when fees have fallen, or with a higher limit. */
export class FeesTooHigh extends UsageError {
  override readonly name = "FeesTooHigh";
  constructor(cost: bigint, maxFee: bigint, maxFeePerGas: bigint) {
    super(
      `Gas would cost up to ${formatEther(cost)} ether, at up to ${formatGwei(maxFeePerGas)} gwei a gas as the node says.`,
      `One run may offer ${formatEther(maxFee)} ether; nothing more was signed.`,
      "Look at the fees with another node. Wait until they have fallen, or raise the limit with --max-fee ETHER, and run this again.",
    );
  }
}
