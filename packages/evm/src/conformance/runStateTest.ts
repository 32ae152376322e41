import { keccak_256 } from "@noble/hashes/sha3.js";
import type { Fork } from "../fork.ts";
import { logsHash } from "./logsHash.ts";
import type { StateTest, StateTestCase } from "./StateTest.ts";
import type { StateAccounts, StateTestEngine, StateTestOutcome, StateTestTransaction } from "./StateTestEngine.ts";
import { stateRoot } from "./stateRoot.ts";
import { whyUnencodable } from "./whyUnencodable.ts";

/**
 * Why `engine` fails one case of `test`; undefined where it passes. It passes with the expected state root and logs hash,
 * and where the transaction is to be refused, by refusing it: for which of all good reasons is not compared.
 */
export async function runStateTest(
  test: StateTest,
  expected: StateTestCase,
  fork: Fork,
  engine: StateTestEngine,
): Promise<string | undefined> {
  let outcome: StateTestOutcome;
  try {
    outcome = await runTransaction(test, expected, fork, engine);
  } catch (error) {
    return `the engine threw ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}`;
  }
  const refusal = differenceInRefusal(outcome, expected);
  if (refusal !== undefined) return refusal;
  const root = toHex(stateRoot(withoutEmpty(outcome.kind === "ran" ? outcome.post : test.pre, test.block.coinbase)));
  if (root !== expected.stateRoot) return `state root is ${root}, expected ${expected.stateRoot}`;
  const logs = toHex(logsHash(outcome.kind === "ran" ? outcome.logs : []));
  if (logs !== expected.logsHash) return `logs hash is ${logs}, expected ${expected.logsHash}`;
  return undefined;
}

async function runTransaction(test: StateTest, expected: StateTestCase, fork: Fork, engine: StateTestEngine) {
  const tx = transactionOf(test, expected);
  const why = whyUnencodable(tx);
  if (why !== undefined) return { kind: "invalid", why } as const;
  const { chainId, block, pre } = test;
  return engine.runTransaction({ fork, chainId, block, blockHash, pre, tx });
}

/** The transaction of one case, with only the fields of its kind. */
export function transactionOf({ transaction }: StateTest, { data, gas, value }: StateTestCase): StateTestTransaction {
  const { from, to, nonce, gasPrice, maxFeePerGas, accessLists, authorizationList } = transaction;
  const { blobVersionedHashes, maxFeePerBlobGas, maxPriorityFeePerGas } = transaction;
  const accessList = accessLists?.[data];
  const fees =
    maxFeePerGas === undefined
      ? { gasPrice: gasPrice! }
      : { maxFeePerGas, maxPriorityFeePerGas: maxPriorityFeePerGas ?? 0n };
  return {
    from,
    to,
    nonce,
    value: transaction.value[value]!,
    input: transaction.data[data]!,
    gas: transaction.gasLimit[gas]!,
    ...fees,
    ...(accessList === undefined ? {} : { accessList }),
    ...(blobVersionedHashes === undefined ? {} : { blobVersionedHashes, maxFeePerBlobGas: maxFeePerBlobGas ?? 0n }),
    ...(authorizationList === undefined ? {} : { authorizationList }),
  };
}

function differenceInRefusal(outcome: StateTestOutcome, { expectException }: StateTestCase): string | undefined {
  if (outcome.kind === "invalid" && expectException === undefined) return `the transaction was refused: ${outcome.why}`;
  if (outcome.kind === "ran" && expectException !== undefined)
    return `the transaction ran, expected ${expectException}`;
  return undefined;
}

// The suite has no chain: it defines a block's hash as that of its number in decimal digits.
function blockHash(number: bigint): Uint8Array {
  return keccak_256(Buffer.from(number.toString()));
}

// The suite pays the coinbase a reward of zero after the transaction, even a refused one. That touches it, and EIP-161
// takes away what is touched and empty.
function withoutEmpty(accounts: StateAccounts, coinbase: string): StateAccounts {
  const account = accounts.get(coinbase);
  if (account === undefined) return accounts;
  if (account.nonce !== 0n || account.balance !== 0n || account.code.length > 0) return accounts;
  const others = new Map(accounts);
  others.delete(coinbase);
  return others;
}

function toHex(bytes: Uint8Array): string {
  return `0x${Buffer.from(bytes).toString("hex")}`;
}
