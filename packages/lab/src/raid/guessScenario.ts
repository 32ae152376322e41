// A scenario where nobody declares one: what stands in a capsule may be called, as far as its code says how.
import type { Address } from "@testudo/core/model/Hex";
import type { StateAnswer, StateRead } from "@testudo/core/model/StateRead";
import { pushedWords } from "@testudo/core/signs/PushedWords";
import { proxyOf } from "@testudo/core/signs/proxyOf";
import type { Engine } from "@testudo/evm/openEngine";
import { encodeFunctionData } from "viem/utils";
import { callablesOf } from "../adversary/Callable.ts";
import { guessCallables } from "../probe/guessCallables.ts";
import { stranger } from "../probe/knownAddresses.ts";
import { fromHex, toHex, toWordBytes } from "../record/bytes.ts";
import { erc20Abi } from "./erc20Abi.ts";
import { canGive } from "./prepareCast.ts";
import type { Asset, KnownContract, Scenario } from "./Scenario.ts";

const mostAssets = 8;
const mostSeconds = 3_600;
const readGas = 5_000_000n;
const wad = 10n ** 18n;

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
  const nobody = { keys: [], powers: [], guardians: [], words: [], figures: [] };
  return { contracts, assets, accounts: 1, ...nobody, addresses, mostSeconds };
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

/** What stands behind a proxy of any usual kind. */
function implementationOf(engine: Engine, address: Address): Address[] {
  const behind = proxyOf((reads) => reads.map((read) => answer(engine, read)), address, "block")?.implementation;
  return behind !== undefined && engine.account(behind) !== undefined ? [behind] : [];
}

function answer(engine: Engine, read: StateRead): StateAnswer {
  if (read.kind === "code") return { ok: true, value: toHex(engine.account(read.address)?.code ?? new Uint8Array()) };
  if (read.kind === "slot")
    return { ok: true, value: toHex(toWordBytes(engine.slot(read.address, BigInt(read.slot)) ?? 0n)) };
  const word = read.kind === "call" ? ask(engine, read.to, read.data) : undefined;
  return word === undefined ? { ok: false, error: "no answer" } : { ok: true, value: toHex(toWordBytes(word)) };
}

function native(engine: Engine, victim: Address): Asset {
  return { name: "native", decimals: 18, priceWad: wad, capital: engine.account(victim)?.balance ?? 0n };
}

/** A token at a price of 1, of which `holder` has some; he is given as much, where that can be written. */
export function assetOf(engine: Engine, token: Address, holder: Address): Asset[] {
  const held = ask(engine, token, encodeFunctionData({ abi: erc20Abi, functionName: "balanceOf", args: [holder] }));
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
