import { type Address, type Hex, isAddress, toLower } from "@testudo/core/model/Hex";
import * as Abi from "ox/Abi";
import * as AbiEvent from "ox/AbiEvent";
import * as AbiFunction from "ox/AbiFunction";
import * as AbiItem from "ox/AbiItem";
import type { Contracts } from "./ContractSource.ts";

/** A contract with its ABI ready for look-ups. */
export interface BookedContract {
  readonly name: string;
  /** Undefined: the protected addresses. */
  readonly addresses: readonly Address[] | "any" | undefined;
  /** Events by topic 0. */
  readonly events: ReadonlyMap<Hex, AbiEvent.AbiEvent>;
  /** Functions by selector. */
  readonly functions: ReadonlyMap<Hex, AbiFunction.AbiFunction>;
}

export type ContractBook = ReadonlyMap<string, BookedContract>;

/** Reads the ABIs of `contracts`. Throws ContractMalformed where one does not parse or an address is none. */
export function bookContracts(contracts: Contracts): ContractBook {
  return new Map(
    Object.entries(contracts).map(([name, { address, abi }]) => {
      if (!/^[A-Za-z_]\w*$/.test(name)) throw new ContractMalformed(name, "its name is no identifier");
      const items = itemsOf(name, abi);
      const hashed = items.map(withHash);
      const events = hashed.filter((item) => item.type === "event" && item.anonymous !== true) as AbiEvent.AbiEvent[];
      const functions = hashed.filter((item) => item.type === "function") as AbiFunction.AbiFunction[];
      return [
        name,
        {
          name,
          addresses: addressesOf(name, address),
          events: new Map(events.map((item) => [AbiEvent.getSelector(item), item])),
          functions: new Map(functions.map((item) => [AbiFunction.getSelector(item), item])),
        },
      ];
    }),
  );
}

// Without it each decoding would hash the signature again.
function withHash<T extends Abi.Abi[number]>(item: T): T {
  return item.type === "event" || item.type === "function" ? { ...item, hash: AbiItem.getSignatureHash(item) } : item;
}

function itemsOf(name: string, abi: Contracts[string]["abi"]): Abi.Abi {
  try {
    return Abi.from(abi as Abi.Abi);
  } catch (error) {
    throw new ContractMalformed(name, `its ABI does not parse: ${error instanceof Error ? error.message : error}`);
  }
}

function addressesOf(name: string, address: Contracts[string]["address"]): BookedContract["addresses"] {
  if (address === undefined || address === "any") return address;
  const list = (typeof address === "string" ? [address] : address).map(toLower);
  const wrong = list.find((item) => !isAddress(item));
  if (wrong !== undefined) throw new ContractMalformed(name, `"${wrong}" is no address`);
  if (list.length === 0) throw new ContractMalformed(name, "it names no address");
  return [...new Set(list)];
}

/** The arguments in `values` by name, or by place where one has no name. */
export function namedArgs(
  inputs: readonly { readonly name?: string | undefined }[],
  values: readonly unknown[],
): { readonly [name: string]: unknown } {
  return Object.fromEntries(inputs.map(({ name }, i) => [name || String(i), values[i]]));
}

/** The arguments of a log by name, or undefined where it does not fit `event`: nothing that is emitted makes it throw. */
export function decodeEvent(
  event: AbiEvent.AbiEvent,
  log: { readonly topics: readonly Hex[]; readonly data: Hex },
): { readonly [name: string]: unknown } | undefined {
  // The same topic with another number of indexed arguments is another event: ERC-20 and ERC-721 share Transfer.
  if (log.topics.length !== 1 + event.inputs.filter((input) => "indexed" in input && input.indexed).length)
    return undefined;
  try {
    const args = AbiEvent.decode(event, log) as { readonly [name: string]: unknown } | readonly unknown[] | undefined;
    if (args === undefined) return event.inputs.length === 0 ? {} : undefined;
    return Array.isArray(args) ? namedArgs(event.inputs, args) : { ...(args as { [name: string]: unknown }) };
  } catch {
    return undefined;
  }
}

/** The arguments of calldata by name, or undefined where they do not fit `item`. */
export function decodeCall(
  item: AbiFunction.AbiFunction,
  input: Hex,
): { readonly [name: string]: unknown } | undefined {
  if (item.inputs.length === 0) return {};
  try {
    const values = AbiFunction.decodeData(item, input) as readonly unknown[] | undefined;
    return values === undefined ? undefined : namedArgs(item.inputs, values);
  } catch {
    return undefined;
  }
}

/** A contract of a detector cannot be used. */
export class ContractMalformed extends Error {
  override readonly name = "ContractMalformed";
  constructor(contract: string, what: string) {
    super(
      `Contract "${contract}" cannot be used: ${what.split("\n")[0]}.\n` +
        '- Allowed: an address or several, and an ABI as JSON or as signatures like "event Withdraw(address indexed user, uint256 amount)".\n' +
        "- Correct it in `contracts`.",
    );
  }
}
