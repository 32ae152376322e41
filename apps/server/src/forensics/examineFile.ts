import type { Address } from "@testudo/core/model/Hex";
import type { Examined } from "@testudo/lab/forensics/Examined";
import { type GivenRun, parseTransactionFile } from "@testudo/lab/forensics/parseExaminedFile";
import { runExamined, type ToRun } from "@testudo/lab/forensics/runExamined";
import { blockOf } from "@testudo/lab/record/blockOf";
import type { Capsule, CapsuleTransaction } from "@testudo/lab/record/Capsule";
import { assertKnown } from "@testudo/lab/record/chainRules";
import { type RecordedAccount, recordedState } from "@testudo/lab/record/recordedState";
import { readBytes, readCapsuleFile } from "../capsule/readCapsuleFile.ts";
import { refusingInput } from "../capsule/refusedInput.ts";
import { UsageError } from "../config/UsageError.ts";

// What a sender gets that the state does not hold, so that what it does is seen and not that it cannot pay.
const lentWei = 10_000n * 10n ** 18n;

/**
 * The last transaction of a capsule, or of `txFile` on its state, run by us; those before it count as its sender's own. Throws
 * `NoTransactions` and `UsageError` for files, and rejects with what the engine refuses.
 */
export async function examineFile(file: string, txFile?: string): Promise<Examined> {
  const capsule = await readCapsuleFile(file);
  const given = txFile === undefined ? undefined : parseTransactionFile(readBytes(txFile), txFile);
  const hardfork = given?.hardfork ?? capsule.hardfork;
  const ruled: Capsule = hardfork === undefined ? capsule : { ...capsule, hardfork };
  await refusingInput(() => assertKnown(hardfork));
  const transactions =
    given?.transactions.map((one) => inItsBlock(ruled, one)) ??
    (capsule.transactions ?? []).map((tx) => inCapsule(capsule, tx));
  if (transactions.length === 0)
    throw new UsageError(
      `"${file}" is a state without transactions.`,
      "Allowed: a capsule that holds some, or --tx FILE with what to run on it.",
      "Give the transactions with --tx.",
    );
  const { accounts, lent } = withSenders(capsule.accounts, transactions);
  const limits = [
    "It ran on a recorded state: what was not recorded counts as zero.",
    ...lent.map((address) => `${address} was given 10,000 coins, as the state does not hold it.`),
  ];
  const { blockHashes } = capsule;
  const source = recordedState({
    accounts,
    absentSlots: "zero",
    ...(blockHashes === undefined ? {} : { blockHashes }),
  });
  return runExamined({ source, block: blockOf(ruled), transactions, limits });
}

function inItsBlock(capsule: Capsule, { blockNumber, ...one }: GivenRun): ToRun {
  return blockNumber === undefined ? one : { ...one, block: blockOf(capsule, blockNumber) };
}

function inCapsule(
  capsule: Capsule,
  { hash, blockNumber, type: _, raw: __, expected: ___, isGasLeftOut: ____, ...tx }: CapsuleTransaction,
): ToRun {
  return { tx, block: blockOf(capsule, blockNumber), ...(hash === undefined ? {} : { hash }) };
}

function withSenders(recorded: ReadonlyMap<Address, RecordedAccount>, transactions: readonly ToRun[]) {
  const accounts = new Map(recorded);
  const lent = [...new Set(transactions.map(({ tx }) => tx.from))].filter((from) => !accounts.has(from));
  for (const from of lent) accounts.set(from, { balance: lentWei, nonce: 0n, code: "0x", storage: new Map() });
  return { accounts, lent };
}
