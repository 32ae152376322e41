// What the adversary of a patch may do where nobody declares it: what stands open without the patch, and what the patch opens.
import type { Address, Hex } from "@testudo/core/model/Hex";
import type { Engine } from "@testudo/evm/openEngine";
import { guessedCallable } from "../adversary/Callable.ts";
import { guessInputs } from "../probe/guessInputs.ts";
import { stranger } from "../probe/knownAddresses.ts";
import { assetOf, guessScenario } from "../raid/guessScenario.ts";
import { callablesAt } from "../raid/Pools.ts";
import type { Asset, KnownContract, Scenario } from "../raid/Scenario.ts";
import type { AttackCall, AttackRecord } from "./attackCalls.ts";
import type { Baseline } from "./playBaseline.ts";

const mostWords = 16;
/** As many as a declared scenario may have. */
const mostAccounts = 4;
/** Functions of others that the attack used. */
const mostOthers = 16;
const isAddress = (word: Hex): boolean => word.startsWith(`0x${"0".repeat(24)}`) && BigInt(word) >> 64n > 0n;

/**
 * The scenarios that are guessed of the victims without and with the patch, as one, with what else the attack took and called, as many
 * accounts as it called from and the time that it took. Addresses and identifiers that it gave to a victim are worth naming.
 */
export async function raidScenario(baseline: Baseline, bare: Engine, patched: Engine): Promise<Scenario> {
  const guessed: Scenario[] = [];
  for (const victim of baseline.victims)
    for (const engine of [bare, patched]) if (stands(engine, victim)) guessed.push(await guessScenario(engine, victim));
  const words = wordsOfAttack(baseline);
  const known = words.filter(isAddress).map((word): Address => `0x${word.slice(26)}`);
  const victims = mergedContracts(guessed.flatMap(({ contracts }) => contracts));
  const { attack } = baseline;
  return {
    ...guessed[0]!,
    contracts: mergedContracts([...victims, ...(await othersCalled(attack, victims, bare))]),
    accounts: Math.max(1, Math.min(mostAccounts, new Set(attack.calls.map(({ caller }) => caller)).size)),
    mostSeconds: Math.max(guessed[0]!.mostSeconds, longestWait(attack)),
    assets: mergedAssets([...guessed.flatMap(({ assets }) => assets), ...lostAssets(baseline, bare)]),
    addresses: [...new Set([...baseline.victims, ...known.filter((one) => baseline.capsule.accounts.has(one))])],
    // A number of fewer bits is an amount, which the search makes by itself.
    words: words.filter((word) => BigInt(word) >> 160n > 0n),
  };
}

/** A victim that a transaction makes is not there yet. */
export function stands(engine: Engine, victim: Address): boolean {
  return (engine.account(victim)?.code.length ?? 0) > 0;
}

/** Tokens that the attack took from others than the victims; nobody is given any. */
function lostAssets({ losses }: Baseline, engine: Engine): Asset[] {
  return losses.flatMap(({ holder, token, amount }) =>
    token === undefined || amount <= 0n
      ? []
      : assetOf(engine, token, holder).map((asset) => ({ ...asset, capital: 0n })),
  );
}

/** Functions beyond those of `known` that the attack called, arguments guessed: of pools and lenders, and of tokens. */
async function othersCalled(attack: AttackRecord, known: readonly KnownContract[], engine: Engine) {
  const isKnown = ({ to, input }: AttackCall): boolean =>
    known.some((one) => one.address === to && callablesAt(one).some(({ selector }) => input.startsWith(selector)));
  const calls = allOf(attack.calls).filter(
    (call) => call.input.length >= 10 && (engine.account(call.to)?.code.length ?? 0) > 0 && !isKnown(call),
  );
  const once = new Map(
    calls.map(({ to, input }) => [to + input.slice(0, 10), { to, selector: input.slice(0, 10) as Hex }]),
  );
  const others: KnownContract[] = [];
  for (const { to, selector } of [...once.values()].slice(0, mostOthers)) {
    const { inputs, isPayable } = await guessInputs({ engine, from: stranger, to, selector });
    const callables = inputs.map((one) => guessedCallable(to, selector, one, isPayable));
    others.push({ name: to, address: to, abi: [], callables });
  }
  return others;
}

const allOf = (calls: readonly AttackCall[]): readonly AttackCall[] =>
  calls.flatMap((call) => [call, ...allOf(call.inner)]);

function longestWait({ calls }: AttackRecord): number {
  return calls.reduce(
    (most, { timestamp }, i) => Math.max(most, Number(timestamp - (calls[i - 1] ?? calls[0]!).timestamp)),
    0,
  );
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

function withMore(known: KnownContract, more: KnownContract): KnownContract {
  const callables = callablesAt(known);
  const selectors = new Set(callables.map(({ selector }) => selector));
  return { ...known, callables: [...callables, ...callablesAt(more).filter((one) => !selectors.has(one.selector))] };
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
