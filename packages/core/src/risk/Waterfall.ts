// The order of payment of contracts/src/InsuranceFund.sol, bit for bit with libraries/Waterfall.sol.

/** What each layer has to give, in the asset's units. */
export interface Layers {
  /** The market's own liquidation fees. */
  readonly pot: bigint;
  /** The protocol's money in the shared fund. */
  readonly firstLoss: bigint;
  readonly junior: bigint;
  readonly senior: bigint;
}

/** What each layer gives for one loss; `residual` is what nobody gives: to deleverage or to socialise. */
export interface Payment {
  readonly fromPot: bigint;
  readonly fromProtocol: bigint;
  readonly fromJunior: bigint;
  readonly fromSenior: bigint;
  readonly residual: bigint;
}

/** What a tranche keeps, so that the price of its shares never reaches zero. */
export const minTrancheAssets = 1_000_000n;

const bps = 10_000n;
const maxUint256 = 2n ** 256n - 1n;

/** Splits a loss of `amount` over the layers in order; of the shared ones no more than `capLeft` is taken. */
export function splitLoss(amount: bigint, capLeft: bigint, layers: Layers): Payment {
  const fromPot = min(amount, layers.pot);
  const shared = min(amount - fromPot, capLeft);
  const fromProtocol = min(shared, layers.firstLoss);
  const fromJunior = min(shared - fromProtocol, above(layers.junior));
  const fromSenior = min(shared - fromProtocol - fromJunior, above(layers.senior));
  const residual = amount - fromPot - fromProtocol - fromJunior - fromSenior;
  return { fromPot, fromProtocol, fromJunior, fromSenior, residual };
}

/** What a market that took `taken` may still take: `capBps` of the shared fund as it was before that, rounded down. */
export function marketCapLeftDown(capBps: bigint, taken: bigint, layers: Layers): bigint {
  const fund = min(layers.firstLoss + layers.junior + layers.senior + taken, maxUint256);
  const cap = (fund * capBps) / bps;
  return cap > taken ? cap - taken : 0n;
}

function above(assets: bigint): bigint {
  return assets > minTrancheAssets ? assets - minTrancheAssets : 0n;
}

function min(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
