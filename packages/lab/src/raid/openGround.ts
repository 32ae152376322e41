// The engine on a capsule's whole state, for a search that goes back and forth on it.
import type { EvmBlock } from "@testudo/core/model/Evm";
import type { Address } from "@testudo/core/model/Hex";
import type { Fork } from "@testudo/evm/fork";
import { type Engine, type EngineAccount, openEngine } from "@testudo/evm/openEngine";
import { type ReadyState, toReadySource } from "../engine/toEngineSource.ts";
import { toOwnBlock } from "../engine/toOwnBlock.ts";
import { blockOf } from "../record/blockOf.ts";
import { fromHex } from "../record/bytes.ts";
import type { Capsule } from "../record/Capsule.ts";
import { assertKnown, isBeforeCancun } from "../record/chainRules.ts";
import { hardforkOf, isOurFork, newestFork } from "../record/hardforkOf.ts";

/** What is recorded for whoever looks at code. */
export const groundHooks = { edges: true, comparisons: true } as const;

/**
 * What the capsule does not hold is zero. With a source all state is taken from there as it is needed, and of the capsule the
 * block alone. Throws `CodeMissing` for an account whose code it does not have.
 */
export async function openGround(capsule: Capsule, source?: ReadyState): Promise<Engine> {
  const block = blockOfGround(capsule);
  return openEngine({
    fork: forkOfGround(capsule),
    chainId: BigInt(capsule.chainId),
    block: toOwnBlock(block),
    ...(source === undefined ? { accounts: accountsOf(capsule) } : { readySource: toReadySource(source) }),
    hooks: groundHooks,
  });
}

/**
 * The rules that are played by. Older contracts do not mind those of today; the attacker's needs transient storage. In the place
 * of newer ones than we have stand our newest. Throws `UnknownRules`.
 */
export function forkOfGround(capsule: Capsule): Fork {
  const fork = hardforkOf(blockOf(capsule));
  assertKnown(fork);
  return isOurFork(fork) ? fork : isBeforeCancun(fork) ? "cancun" : newestFork;
}

/** The block that is played in. What gas costs is no part of a gain, and keys without ether are keys all the same. */
export const blockOfGround = (capsule: Capsule): EvmBlock => ({ ...blockOf(capsule), baseFeePerGas: 0n });

const accountsOf = ({ accounts }: Capsule): Map<Address, EngineAccount> =>
  new Map([...accounts].map(([address, account]) => [address, toAccount(address, account)]));

type Recorded = Capsule["accounts"] extends ReadonlyMap<Address, infer A> ? A : never;

function toAccount(address: Address, { balance, nonce, code, storage }: Recorded): EngineAccount {
  if (code === null) throw new CodeMissing(address);
  const words = new Map([...storage].map(([key, word]) => [BigInt(key), BigInt(word)]));
  return { balance, nonce, code: fromHex(code), storage: words };
}

/** Thrown for a capsule that names an account without its code. Not retryable. */
export class CodeMissing extends Error {
  override readonly name = "CodeMissing";
  constructor(address: Address) {
    super(
      `The capsule does not hold the code of ${address}.\n- A search needs all of it.\n- Record it again from a node that has it.`,
    );
  }
}
