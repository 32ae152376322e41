import type { Common } from "@ethereumjs/common";
import type { EVMResult, Message } from "@ethereumjs/evm";
import { describeFailure } from "./describeFailure.ts";
import { memoryFailureOf } from "./memoryFailure.ts";
import { operations, stackFailureOf } from "./operations.ts";

const store = 0x55;
const copyReturned = 0x3e;
const sentryGas = 2_300n;
type RunState = NonNullable<EVMResult["execResult"]["runState"]>;

/**
 * The failure of a message in geth's own words. It looks at the stack before the gas and tells which operation is unknown;
 * the engine's error alone does not say that, so the operation that ran last is looked at again.
 *
 * @param returned What the message's code gave back by RETURN, where it came that far.
 */
export function nameFailure(
  common: Common,
  { execResult, createdAddress }: EVMResult,
  message: Message,
  returned: Uint8Array | undefined,
): string {
  const failure = execResult.exceptionError!.error;
  if (message.isCompiled) return precompileFailure(message, failure);
  if (returned !== undefined && createdAddress !== undefined) return depositFailure(common, failure, returned);
  const state = execResult.runState;
  if (state === undefined) return describeFailure(failure);
  return operationFailure(common, failure, state) ?? describeFailure(failure);
}

function operationFailure(common: Common, failure: string, state: RunState): string | undefined {
  const { opCode } = state;
  if (failure === "invalid opcode") return `invalid opcode: ${operations.get(opCode)?.name ?? unknownName(opCode)}`;
  if (!["out of gas", "stack underflow", "stack overflow"].includes(failure)) return undefined;
  const stack = state.stack.getStack();
  const unfit = stackFailureOf(opCode, stack.length) ?? memoryFailureOf(opCode, stack);
  if (unfit !== undefined || failure !== "out of gas") return unfit;
  // What a plain lack of gas leaves is nothing.
  const isSentry =
    opCode === store && common.gteHardfork("istanbul") && state.gasLeft > 0n && state.gasLeft <= sentryGas;
  if (isSentry) return "out of gas: not enough gas for reentrancy sentry";
  if (opCode !== copyReturned) return undefined;
  const [, offset = 0n, length = 0n] = stack.slice(-3).reverse();
  return offset + length > BigInt(state.returnBytes.length) ? "return data out of bounds" : undefined;
}

function unknownName(opcode: number): string {
  return `opcode 0x${opcode.toString(16)} not defined`;
}

// Code was given back: size, first byte and price are looked at in this order.
function depositFailure(common: Common, failure: string, code: Uint8Array): string {
  if (failure !== "out of gas") return describeFailure(failure);
  const isForbidden = common.isActivatedEIP(3541) && code[0] === 0xef;
  return isForbidden ? "invalid code: must not begin with 0xef" : "contract creation code storage out of gas";
}

function precompileFailure({ codeAddress, data }: Message, failure: string): string {
  if (failure === "out of gas") return failure;
  switch (codeAddress.bytes.at(-1)) {
    case 8:
      return data.length % 192 === 0 ? failure : "bad elliptic curve pairing size";
    case 9:
      return data.length === 213 ? "invalid final flag" : "invalid input length";
    case 10:
      return failure.includes("versioned hash") ? "mismatched versioned hash" : failure;
    default:
      return failure;
  }
}
