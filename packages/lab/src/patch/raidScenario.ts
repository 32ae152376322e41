// What the adversary of a patch may do where nobody declares it: what stands open without the patch, and what the patch opens.
import type { Address, Hex } from "@testudo/core/model/Hex";
import type { Engine } from "@testudo/evm/openEngine";
import { guessScenario } from "../raid/guessScenario.ts";
import type { Asset, KnownContract, Scenario } from "../raid/Scenario.ts";
import type { Baseline } from "./playBaseline.ts";

const mostWords = 16;
const isAddress = (word: Hex): boolean => word.startsWith(`0x${"0".repeat(24)}`) && BigInt(word) >> 64n > 0n;

/**
 * The scenarios that are guessed of the victims without and with the patch, as one. Addresses and identifiers that the attack
 * gave to a victim are worth naming.
 */
export async function raidScenario(baseline: Baseline, bare: Engine, patched: Engine): Promise<Scenario> {
  const guessed: Scenario[] = [];
  for (const victim of baseline.victims)
    for (const engine of [bare, patched]) guessed.push(await guessScenario(engine, victim));
  const words = wordsOfAttack(baseline);
  const known = words.filter(isAddress).map((word): Address => `0x${word.slice(26)}`);
  return {
    ...guessed[0]!,
    contracts: mergedContracts(guessed.flatMap(({ contracts }) => contracts)),
    assets: mergedAssets(guessed.flatMap(({ assets }) => assets)),
    addresses: [...new Set([...baseline.victims, ...known.filter((one) => baseline.capsule.accounts.has(one))])],
    // A number of fewer bits is an amount, which the search makes by itself.
    words: words.filter((word) => BigInt(word) >> 160n > 0n),
  };
}

/** Words that the attack's calls gave to the victims, each once. */
function wordsOfAttack({ calls }: Baseline): readonly Hex[] {
  const words = calls
    .filter(({ role }) => role === "attack")
    .flatMap(({ input }) => input.slice(10).match(/.{64}/g) ?? [])
    .map((digits): Hex => `0x${digits}`);
  return [...new Set(words)].filter((word) => BigInt(word) >> 64n > 0n).slice(0, mostWords);
}

/** By address; of a function that is guessed twice the first guess stands: the one without the patch. */
function mergedContracts(contracts: readonly KnownContract[]): KnownContract[] {
  const merged = new Map<Address, KnownContract>();
  for (const one of contracts) {
    const known = merged.get(one.address);
    merged.set(one.address, known === undefined ? one : withMore(known, one));
  }
  return [...merged.values()];
}

function withMore(known: KnownContract, { callables = [] }: KnownContract): KnownContract {
  const selectors = new Set(known.callables?.map(({ selector }) => selector));
  // A token that is a victim too has what its code says, besides what all tokens have.
  return {
    ...known,
    callables: [...(known.callables ?? []), ...callables.filter((one) => !selectors.has(one.selector))],
  };
}

/** By token, each with the greatest capital. */
function mergedAssets(assets: readonly Asset[]): Asset[] {
  const merged = new Map<Address | undefined, Asset>();
  for (const one of assets) {
    const known = merged.get(one.token);
    if (known === undefined || one.capital > known.capital) merged.set(one.token, one);
  }
  return [...merged.values()];
}
