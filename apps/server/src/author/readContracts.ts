import type { DetectContext } from "@testudo/core/model/Detector";
import type { Address, Hex } from "@testudo/core/model/Hex";
import type { At, StateRead } from "@testudo/core/model/StateRead";
import * as AbiFunction from "ox/AbiFunction";
import type { BookedContract, ContractBook } from "./ContractBook.ts";

interface Options {
  readonly at?: At;
  readonly exact?: true;
  readonly of?: Address;
  readonly or?: unknown;
}

/**
 * `read` of a handler: an object of views for each contract. A call asks `context` for its answer, which ends the run
 * until it is there; a revert, or an answer that does not decode, is `or`, else throws Unreadable. So does an answer from another
 * state than was asked for, where it must be `exact`.
 */
export function readContracts(
  book: ContractBook,
  context: DetectContext<unknown>,
  addressOf: (contract: BookedContract) => Address | undefined,
): { readonly [contract: string]: { readonly [view: string]: unknown } } {
  return Object.fromEntries(
    [...book.values()].map((contract) => [contract.name, viewsOf(contract, context, () => addressOf(contract))]),
  );
}

function viewsOf(contract: BookedContract, context: DetectContext<unknown>, defaultAddress: () => Address | undefined) {
  const views = [...contract.functions.values()].filter(
    (item) => item.stateMutability === "view" || item.stateMutability === "pure",
  );
  const names = new Set(views.map((item) => item.name));
  return Object.fromEntries(
    [...names].map((name) => {
      const items = views.filter((item) => item.name === name);
      const read = (...given: unknown[]) => {
        // Without inputs the only argument are the options.
        const takesArgs = Array.isArray(given[0]);
        const args = takesArgs ? (given[0] as readonly unknown[]) : [];
        const options = ((takesArgs ? given[1] : given[0]) ?? {}) as Options;
        const item = items.find((one) => one.inputs.length === args.length);
        const to = options.of ?? defaultAddress();
        const label = `${contract.name}.${name}`;
        if (item === undefined) throw new Unreadable(label, `it takes no ${args.length} arguments`);
        if (to === undefined) throw new Unreadable(label, "no address is known for it; name one with `of`");
        return readOne(context, { item, label, to, args, options });
      };
      return [name, read];
    }),
  );
}

interface One {
  readonly item: AbiFunction.AbiFunction;
  readonly label: string;
  readonly to: Address;
  readonly args: readonly unknown[];
  readonly options: Options;
}

function readOne(context: DetectContext<unknown>, { item, label, to, args, options }: One): unknown {
  const data = AbiFunction.encodeData(item, args as never) as Hex;
  const answer = askState(context, { kind: "call", at: options.at ?? "block", to, data }, label);
  if (options.exact === true && answer.standIn !== undefined)
    throw new Unreadable(label, `its block is not executed here, and only "${answer.standIn}" is known`);
  const hasDefault = "or" in options;
  if (!answer.ok) {
    if (hasDefault) return options.or;
    throw new Unreadable(label, `it reverted at ${to}`);
  }
  try {
    return AbiFunction.decodeResult(item, answer.value);
  } catch {
    if (hasDefault) return options.or;
    throw new Unreadable(label, `the answer of ${to} does not decode`);
  }
}

/** The answer to `read`; throws Unreadable where the block comes without state. */
export function askState(context: DetectContext<unknown>, read: StateRead, label: string) {
  if (!context.block.has.includes("S")) throw new Unreadable(label, "state of the block is not here");
  return context.read(read);
}

/** State that a handler needs cannot be had. It ends the handler, not the detector, and is told as a finding. */
export class Unreadable extends Error {
  override readonly name = "Unreadable";
  readonly what: string;
  constructor(what: string, reason: string) {
    super(
      `"${what}" cannot be read: ${reason}.\n- The handler ended there for this block.\n- Give the read an \`or\`, correct the contract's address or ABI, or run with --reexecute where it must be exact.`,
    );
    this.what = what;
  }
}
