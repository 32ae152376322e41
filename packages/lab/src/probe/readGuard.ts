import type { Address } from "@testudo/core/model/Hex";
import type { Engine } from "@testudo/evm/openEngine";
import { gasOfCall } from "../adversary/Stage.ts";
import { guardCode, type Holding, readHeld } from "./guardCode.ts";
import type { Guard } from "./openLossOracle.ts";

// Where nothing stands on any chain.
const meter: Address = "0x5a5a00000000000000000000000000000000a3e7";
const guard: Address = "0x5a5a00000000000000000000000000000000a3ed";
const mostPairs = 192;
const mostHoldings = 64;

/**
 * Reads what `protect` hold of native money and of those of `addresses` that are tokens, and puts code into the engine that
 * compares with it. Throws what the source throws.
 */
export async function readGuard(
  engine: Engine,
  protect: readonly Address[],
  addresses: readonly Address[],
): Promise<Guard> {
  const pairs = [undefined, ...addresses]
    .flatMap((token) => protect.map((holder): Holding => ({ holder, token, amount: 0n })))
    .slice(0, mostPairs);
  const held: Holding[] = [];
  for (let from = 0; from < pairs.length; from += mostHoldings)
    held.push(...(await measure(engine, pairs.slice(from, from + mostHoldings))));
  const holdings = held.filter(({ amount }) => amount > 1n).slice(0, mostHoldings);
  engine.load(guard, { balance: 0n, nonce: 1n, code: guardCode(holdings) });
  return { address: guard, holdings };
}

async function measure(engine: Engine, pairs: readonly Holding[]): Promise<Holding[]> {
  const before = engine.snapshot();
  await engine.accountAsync(meter);
  try {
    engine.setCode(meter, guardCode(pairs));
    const { succeeded, output } = await engine.callAsync({ from: guard, to: meter, gas: gasOfCall });
    return succeeded ? pairs.map((pair, i) => ({ ...pair, amount: readHeld(output, i) })) : [];
  } finally {
    engine.rollback(before);
  }
}
