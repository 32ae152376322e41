import { errorsAbi } from "@testudo/contracts";
import type { Abi, Hex } from "viem";
import { decodeErrorResult, parseAbi } from "viem/utils";
import { type Call, type ChainSession, rpc, submitAndMine } from "./ChainSession.ts";

// What OpenZeppelin's timelock refuses with; `Error(string)` (Curie, Safe) viem knows by itself.
const timelockErrors = parseAbi([
  "error AccessControlUnauthorizedAccount(address account, bytes32 neededRole)",
  "error TimelockInsufficientDelay(uint256 delay, uint256 minDelay)",
  "error TimelockUnexpectedOperationState(bytes32 operationId, bytes32 expectedStates)",
]);
const refusals: Abi = [...errorsAbi, ...timelockErrors];

/**
 * Sends `calls` as real transactions of one block. Gives for each "success", or what it was refused with: the name of a
 * custom error with its values, or the text of `Error(string)`.
 */
export async function outcomesOf(session: ChainSession, calls: readonly Call[]): Promise<string[]> {
  const receipts = await submitAndMine(session, calls);
  return Promise.all(
    receipts.map(({ status, transactionHash }) =>
      status === "0x1" ? "success" : readRefusal(session, transactionHash),
    ),
  );
}

/** Sends one transaction; its outcome as `outcomesOf` gives it. */
export async function outcomeOf(session: ChainSession, call: Call): Promise<string> {
  return (await outcomesOf(session, [call]))[0]!;
}

async function readRefusal(session: ChainSession, hash: Hex): Promise<string> {
  const options = { tracer: "callTracer", tracerConfig: { onlyTopCall: true } };
  const { output } = await rpc<{ output?: Hex }>(session.client, "debug_traceTransaction", [hash, options]);
  if (output === undefined || output === "0x") return "no reason";
  const { errorName, args = [] } = decodeErrorResult({ abi: refusals, data: output });
  return errorName === "Error" ? String(args[0]) : `${errorName}(${args.join(", ")})`;
}
