import { circuitBreaker, timelock } from "@testudo/contracts";
import type { Address, Hex } from "@testudo/core/model/Hex";
import { decodeFunctionData } from "viem/utils";
import type { Context, LogExpectation, ProgramEntry, Registration } from "../DeployModule.ts";
import { textOf } from "../readChain.ts";

/** All that the file has in the breaker's register. */
export interface Register extends Required<Registration> {
  readonly groups: readonly {
    readonly id: Hex;
    readonly targets: readonly Address[];
    readonly selectors: readonly Hex[];
  }[];
  readonly programs: readonly ProgramEntry[];
}

/**
 * What the timelock has registered at the breaker since the deployment, less what it dismissed, and the file does not have.
 * No function of the breaker lists trippers and programs, and its events do not name them; but only the timelock may
 * register, and tells each call that it makes.
 */
export function registeredLater(context: Context, register: Register): LogExpectation {
  const breaker = context.addressOf("breaker");
  return {
    kind: "logs",
    // Whose events they are: a call is put into words by the module that is looked for at an address.
    module: "timelock",
    field: "registered at the breaker beside the file",
    address: context.addressOf("timelock"),
    abi: timelock.abi,
    events: ["CallExecuted"],
    sum: (logs) => {
      const left = new Set<string>();
      for (const { args } of logs) {
        const { target, data } = args as { target: string; data: Hex };
        if (target.toLowerCase() === breaker)
          for (const [entry, stays] of changesBy(data)) left[stays ? "add" : "delete"](entry);
      }
      for (const entry of entriesOf(register)) left.delete(entry);
      return [...left].sort();
    },
    expected: [],
  };
}

/** What a call of the breaker registers, and what it takes out. */
function changesBy(data: Hex): readonly (readonly [entry: string, stays: boolean])[] {
  const { functionName, args } = decodeFunctionData({ abi: circuitBreaker.abi, data });
  if (functionName === "register") return entriesOf(args[0]).map((entry) => [entry, true]);
  if (functionName === "dismissTripper") return [[tripperText({ caller: args[0], group: args[1] }), false]];
  if (functionName === "dismissProgram")
    return [[programText({ caller: args[0], target: args[1], selector: args[2] }), false]];
  return [];
}

function entriesOf({ targets, groups, trippers, programs }: Entries): readonly string[] {
  return [
    ...targets.map(({ target }) => `contract ${textOf(target)}`),
    ...groups.map(({ id }) => `group ${textOf(id)}`),
    ...trippers.map(tripperText),
    ...programs.map(programText),
  ];
}

// As the file has them, and as they are read from calls.
interface Entries {
  readonly targets: readonly { readonly target: string }[];
  readonly groups: readonly { readonly id: string }[];
  readonly trippers: readonly { readonly caller: string; readonly group: string }[];
  readonly programs: readonly { readonly caller: string; readonly target: string; readonly selector: string }[];
}

function tripperText({ caller, group }: Entries["trippers"][number]): string {
  return `tripper ${textOf(caller)} of group ${textOf(group)}`;
}

function programText({ caller, target, selector }: Entries["programs"][number]): string {
  return `program ${textOf(caller)} on ${textOf(selector)} of ${textOf(target)}`;
}
