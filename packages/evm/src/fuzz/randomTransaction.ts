import { forkRules } from "../fork.ts";
import type { Address } from "../hex.ts";
import { intrinsicGas } from "../intrinsicGas.ts";
import type { EngineTransaction } from "../Transaction.ts";
import type { FuzzTarget, FuzzWorld } from "./FuzzWorld.ts";
import type { Random } from "./Random.ts";
import { join, randomArguments } from "./randomArguments.ts";
import { randomWord, toWordBytes } from "./randomWord.ts";

/** Gas beyond what the transaction costs in any case: mostly enough, often so little that it ends somewhere within. */
export interface GasBounds {
  readonly ample: number;
  readonly tight: number;
}

/** A transaction that the world's block allows, but for one in fifty. */
export function randomTransaction(random: Random, world: FuzzWorld, bounds: GasBounds): EngineTransaction {
  const isCreation = world.initCodes.length > 0 && random.chance(5);
  const target = isCreation ? undefined : random.pick(world.targets);
  const input = target === undefined ? initCodeOf(random, world) : calldataOf(random, target, world);
  const accessList = random.chance(12) ? randomAccessList(random, world) : undefined;
  const fee = random.chance(50)
    ? { gasPrice: world.block.baseFeePerGas + BigInt(random.below(100)) }
    : {
        maxFeePerGas: world.block.baseFeePerGas + BigInt(random.below(1_000)),
        maxPriorityFeePerGas: BigInt(random.below(random.chance(98) ? 7 : 2_000)),
      };
  const tx = {
    from: random.pick(world.senders),
    to: target?.address ?? null,
    value: random.chance(75) ? 0n : BigInt(random.below(1_000)) * (random.chance(50) ? 1n : 10n ** 15n),
    input,
    gas: 0n,
    ...fee,
    ...(accessList === undefined ? {} : { accessList }),
  };
  const least = intrinsicGas(tx, forkRules[world.fork]);
  const most = least.gas > least.floor ? least.gas : least.floor;
  const beyond = random.chance(65) ? bounds.ample : random.below(bounds.tight);
  return { ...tx, gas: random.chance(99) ? most + BigInt(beyond) : most - 1n };
}

function initCodeOf(random: Random, world: FuzzWorld): Uint8Array {
  const init = random.pick(world.initCodes);
  const words = Array.from({ length: random.below(4) }, () => toWordBytes(randomWord(random, world.words)));
  return join([init, ...words]);
}

function calldataOf(random: Random, { functions }: FuzzTarget, { words }: FuzzWorld): Uint8Array {
  if (functions.length === 0 || random.chance(3)) return random.bytes(random.below(100));
  const { selector, inputs } = random.pick(functions);
  const head = Uint8Array.of(selector >>> 24, selector >>> 16, selector >>> 8, selector);
  if (inputs !== undefined && random.chance(85)) return join([head, randomArguments(random, inputs, words)]);
  const rest = Array.from({ length: random.below(8) }, () => toWordBytes(randomWord(random, words)));
  const call = join([head, ...rest]);
  return random.chance(90) ? call : call.slice(0, random.below(call.length + 1));
}

function randomAccessList(random: Random, world: FuzzWorld) {
  const places: Address[] = [...world.targets.map(({ address }) => address), ...world.senders];
  return Array.from({ length: random.below(4) }, () => ({
    address: random.pick(places),
    storageKeys: Array.from({ length: random.below(4) }, () =>
      random.chance(50) ? BigInt(random.below(12)) : randomWord(random, world.words),
    ),
  }));
}
