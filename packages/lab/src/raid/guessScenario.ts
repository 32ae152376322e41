// A scenario where nobody declares one: what stands in a capsule may be called, as far as its code says how.
import type { Address } from "@testudo/core/model/Hex";
import { pushedWords } from "@testudo/core/model/PushedWords";
import type { Engine } from "@testudo/evm/openEngine";
import { encodeFunctionData, erc20Abi } from "viem";
import { callablesOf } from "../adversary/Callable.ts";
import { fromHex, toHex } from "../bytes.ts";
import { guessCallables } from "../probe/guessCallables.ts";
import { canGive } from "./prepareCast.ts";
import type { Asset, KnownContract, Scenario } from "./Scenario.ts";

const mostAssets = 8;
const mostSeconds = 3_600;
const readGas = 5_000_000n;
const stranger: Address = "0x00000000000000000000000000000000a77ac0e2";
const wad = 10n ** 18n;
/** keccak256("eip1967.proxy.implementation") less 1. */
const implementationSlot = 0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbcn;

/**
 * The functions that `victim`'s code dispatches, arguments guessed, and the tokens that it holds. They and the native coin have a
 * price of 1 each, since nobody says another: a gain in one of them may be paid for in another.
 */
export async function guessScenario(engine: Engine, victim: Address): Promise<Scenario> {
  const coded = [...engine.accounts()].filter(([, { code }]) => code.length > 0).map(([address]) => address);
  const assets = [
    native(engine, victim),
    ...coded.flatMap((token) => assetOf(engine, token, victim)).slice(0, mostAssets),
  ];
  const tokens = assets.flatMap(({ token }) => token ?? []);
  const contracts: KnownContract[] = [await guessedContract(engine, victim)];
  for (const address of tokens) if (address !== victim) contracts.push({ name: address, address, abi: erc20Abi });
  const addresses = [victim];
  return { contracts, assets, accounts: 1, keys: [], powers: [], addresses, words: [], mostSeconds, figures: [] };
}

async function guessedContract(engine: Engine, address: Address): Promise<KnownContract> {
  const functions = [address, ...implementationOf(engine, address)].flatMap(
    (place) => pushedWords(toHex(engine.account(place)!.code)).functions,
  );
  const guessed = await guessCallables(engine, stranger, address, functions);
  const named = new Map(callablesOf(address, address, erc20Abi).map((callable) => [callable.selector, callable]));
  return {
    name: address,
    address,
    abi: [],
    callables: guessed
      .filter(({ selector }) => selector !== "0x")
      .map((callable) => named.get(callable.selector) ?? callable),
  };
}

/** What stands behind a proxy of EIP-1967. */
function implementationOf(engine: Engine, proxy: Address): Address[] {
  const word = engine.slot(proxy, implementationSlot) ?? 0n;
  const address: Address = `0x${word.toString(16).padStart(40, "0")}`;
  return word > 0n && word < 1n << 160n && engine.account(address) !== undefined ? [address] : [];
}

function native(engine: Engine, victim: Address): Asset {
  return { name: "native", decimals: 18, priceWad: wad, capital: engine.account(victim)?.balance ?? 0n };
}

function assetOf(engine: Engine, token: Address, victim: Address): Asset[] {
  const held = ask(engine, token, encodeFunctionData({ abi: erc20Abi, functionName: "balanceOf", args: [victim] }));
  const decimals = ask(engine, token, encodeFunctionData({ abi: erc20Abi, functionName: "decimals" }));
  if (held === undefined || held === 0n || decimals === undefined || decimals > 36n) return [];
  return [
    {
      name: token,
      token,
      decimals: Number(decimals),
      priceWad: wad,
      capital: canGive(engine, token, held) ? held : 0n,
    },
  ];
}

function ask(engine: Engine, to: Address, input: `0x${string}`): bigint | undefined {
  const { succeeded, output } = engine.call({
    from: stranger,
    to,
    input: fromHex(input),
    gas: readGas,
    isStatic: true,
  });
  return succeeded && output.length === 32 ? BigInt(toHex(output)) : undefined;
}
