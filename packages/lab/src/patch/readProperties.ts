import type { Evm, EvmBlock, EvmOutcome } from "@testudo/core/model/Evm";
import { type Address, type Hex, wordAt } from "@testudo/core/model/Hex";
import { examiner } from "./ourAccounts.ts";
import type { PropertyBook } from "./Property.ts";

/** Whether a property holds; null where it could not be asked. */
export interface PropertyAnswer {
  readonly name: string;
  readonly holds: boolean | null;
}

const gas = 10_000_000n;

/** Puts the properties beside what stands on `evm`, asks each in `block`, and takes it all back. */
export async function readProperties(
  evm: Evm,
  { creations, properties }: PropertyBook,
  { chainId, hardfork, ...block }: EvmBlock,
): Promise<readonly PropertyAnswer[]> {
  const mark = evm.snapshot();
  const free = { ...block, baseFeePerGas: 0n };
  const send = (to: Address | null, input: Hex, nonce: number) =>
    evm.run({ from: examiner, to, value: 0n, input, gas, gasPrice: 0n, nonce: BigInt(nonce), block: free });
  try {
    const made: boolean[] = [];
    for (const [nonce, creation] of creations.entries()) made.push(hasRun(await send(null, creation, nonce)));
    // What could not be put there was not asked: that is no broken property.
    if (!made.every(Boolean)) return properties.map(({ name }) => ({ name, holds: null }));
    const answers: PropertyAnswer[] = [];
    for (const [i, { name, to, input }] of properties.entries()) {
      const outcome = await send(to, input, creations.length + i);
      const word = outcome.kind === "ran" && outcome.succeeded ? wordAt(outcome.output, 0) : undefined;
      answers.push({ name, holds: word === undefined ? null : word === 1n });
    }
    return answers;
  } finally {
    evm.revert(mark);
  }
}

const hasRun = (outcome: EvmOutcome): boolean => outcome.kind === "ran" && outcome.succeeded;
