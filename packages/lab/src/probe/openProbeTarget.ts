// A new contract as the search takes it: functions by their selectors, values from its code and from what is protected, and code
// that watches over that.
import type { EvmBlock, StateSource } from "@testudo/core/model/Evm";
import type { Address, Hex } from "@testudo/core/model/Hex";
import { pushedWords } from "@testudo/core/signs/PushedWords";
import type { Fork } from "@testudo/evm/fork";
import { openEngine } from "@testudo/evm/openEngine";
import { openDictionary } from "../adversary/Dictionary.ts";
import type { HuntTarget } from "../adversary/HuntTarget.ts";
import { toEngineSource } from "../engine/toEngineSource.ts";
import { toOwnBlock } from "../engine/toOwnBlock.ts";
import { toHex } from "../record/bytes.ts";
import { guessCallables } from "./guessCallables.ts";
import { knownAddresses, stranger } from "./knownAddresses.ts";
import type { Guard } from "./openLossOracle.ts";
import { readGuard } from "./readGuard.ts";
import { blockSeconds, type TemplateWords } from "./templatesOf.ts";

/** Where guided calls begin: the same state and block as the probe's. */
export interface SearchGround {
  readonly source: StateSource;
  readonly block: EvmBlock;
}

export interface ProbeTarget {
  readonly hunted: HuntTarget;
  readonly guard: Guard;
  readonly code: Uint8Array;
  /** Its own functions. */
  readonly functions: readonly Hex[];
}

/** What a probe may take of its host's memory: a watch has other things to do. */
const memoryBytes = 2 ** 29;

/** Opens an engine on `ground` and makes out what may be called. Throws what the source throws. */
export async function openProbeTarget(
  { source, block }: SearchGround,
  fork: Fork,
  contract: Address,
  words: TemplateWords,
): Promise<ProbeTarget> {
  const { deployer, protect, amounts = [] } = words;
  const engine = await openEngine({
    fork,
    chainId: BigInt(block.chainId),
    block: toOwnBlock(block),
    source: toEngineSource(source),
    hooks: { edges: true, comparisons: true },
    memoryBytes,
  });
  for (const address of [deployer, stranger, block.coinbase, contract]) await engine.accountAsync(address);
  const code = engine.account(contract)?.code ?? new Uint8Array();
  const pushed = pushedWords(toHex(code));
  const callables = await guessCallables(engine, deployer, contract, pushed.functions);
  const addresses = knownAddresses(words, contract, pushed.addresses);
  const guard = await readGuard(engine, protect, addresses);
  // What was asked so far is nobody's find.
  engine.clearCoverage();
  const hunted: HuntTarget = {
    ...{ engine, callables, addresses, senders: [deployer, stranger], mostSeconds: blockSeconds },
    dictionary: openDictionary([code], [...addresses.map(BigInt), ...amounts]),
    // No harness: nothing in it says what must not be.
    ...{ properties: [], assertionEvents: new Map(), tellPlace: () => undefined },
  };
  return { hunted, guard, code, functions: pushed.functions };
}
