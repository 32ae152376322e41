// A scenario where nobody declares one: what stands in a capsule may be called, as far as its code says how.
import type { Address } from "@testudo/core/model/Hex";
import { pushedWords } from "@testudo/core/model/PushedWords";
import type { Engine } from "@testudo/evm/openEngine";
import { encodeFunctionData, erc20Abi } from "viem";
import { callablesOf } from "../adversary/Callable.ts";
import { fromHex, toHex } from "../bytes.ts";
import { guessCallables } from "../probe/guessCallables.ts";
import type { Asset, KnownContract, Scenario } from "./Scenario.ts";

const mostContracts = 24;
const mostSeconds = 3_600;
const readGas = 5_000_000n;
const stranger: Address = "0x00000000000000000000000000000000a77ac0e2";
const wad = 10n ** 18n;

/**
 * Every contract in the state with the functions that its code dispatches, arguments guessed; tokens that `victim` holds, and the
 * native coin, at a price of 1 each, since nobody says another: a gain in one of them may be paid for in another.
 */
export async function guessScenario(engine: Engine, victim: Address): Promise<Scenario> {
  const coded = [...engine.accounts()].filter(([, { code }]) => code.length > 0).map(([address]) => address);
  const chosen = [victim, ...coded.filter((address) => address !== victim)].slice(0, mostContracts);
  const assets = [native(engine, victim), ...chosen.flatMap((token) => assetOf(engine, token, victim))];
  const contracts: KnownContract[] = [];
  for (const address of chosen) contracts.push(await knownContract(engine, address, assets));
  const addresses = [victim];
  return { contracts, assets, accounts: 1, keys: [], powers: [], addresses, words: [], mostSeconds, figures: [] };
}

async function knownContract(engine: Engine, address: Address, assets: readonly Asset[]): Promise<KnownContract> {
  if (assets.some(({ token }) => token === address)) return { name: address, address, abi: erc20Abi };
  const { functions } = pushedWords(toHex(engine.account(address)!.code));
  const guessed = await guessCallables(engine, stranger, address, functions);
  const named = new Map(callablesOf(address, address, erc20Abi).map((callable) => [callable.selector, callable]));
  return {
    name: address,
    address,
    abi: [],
    callables: guessed.filter(({ selector }) => selector !== "0x").map((callable) => named.get(callable.selector) ?? callable),
  };
}

function native(engine: Engine, victim: Address): Asset {
  return { name: "native", decimals: 18, priceWad: wad, capital: engine.account(victim)?.balance ?? 0n };
}

function assetOf(engine: Engine, token: Address, victim: Address): Asset[] {
  const held = ask(engine, token, encodeFunctionData({ abi: erc20Abi, functionName: "balanceOf", args: [victim] }));
  const decimals = ask(engine, token, encodeFunctionData({ abi: erc20Abi, functionName: "decimals" }));
  if (held === undefined || held === 0n || decimals === undefined || decimals > 36n) return [];
  return [{ name: token, token, decimals: Number(decimals), priceWad: wad, capital: held }];
}

function ask(engine: Engine, to: Address, input: `0x${string}`): bigint | undefined {
  const { succeeded, output } = engine.call({ from: stranger, to, input: fromHex(input), gas: readGas, isStatic: true });
  return succeeded && output.length === 32 ? BigInt(toHex(output)) : undefined;
}
