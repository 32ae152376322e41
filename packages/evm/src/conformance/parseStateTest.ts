import { parseTransaction } from "./parseTransaction.ts";
import {
  readAddress,
  readBytes,
  readHash,
  readIndex,
  readList,
  readObject,
  readOptional,
  readQuantity,
  StateTestMalformed,
} from "./readField.ts";
import type { StateTest, StateTestCase, StateTestVariants } from "./StateTest.ts";
import type { StateAccount, StateAccounts, StateTestBlock } from "./StateTestEngine.ts";

/**
 * A state test out of its JSON, in the layout of `ethereum/tests` or the newer one of `execution-spec-tests`. Throws
 * `StateTestMalformed` with test and field.
 */
export function parseStateTest(name: string, json: unknown): StateTest {
  const test = readObject(json, name);
  const transaction = parseTransaction(test.transaction, `${name} transaction`);
  return {
    name,
    chainId: parseChainId(test, name),
    block: parseBlock(test.env, `${name} env`),
    pre: parseAccounts(test.pre, `${name} pre`),
    transaction,
    cases: parseCases(test.post, `${name} post`, transaction),
  };
}

function parseChainId(test: Readonly<Record<string, unknown>>, name: string): bigint {
  const config = readOptional(test.config, `${name} config`, readObject);
  return (
    readOptional(config?.chainid, `${name} config.chainid`, readQuantity) ??
    readOptional(test.chainId, `${name} chainId`, readQuantity) ??
    1n
  );
}

function parseBlock(json: unknown, where: string): StateTestBlock {
  const env = readObject(json, where);
  const number = (field: string) => readQuantity(env[field], `${where}.${field}`);
  const random = readOptional(env.currentRandom, `${where}.currentRandom`, readQuantity);
  const difficulty = readOptional(env.currentDifficulty, `${where}.currentDifficulty`, readQuantity);
  return {
    number: number("currentNumber"),
    timestamp: number("currentTimestamp"),
    gasLimit: number("currentGasLimit"),
    // Files from before EIP-1559 have none; all who run the suite take 10 wei then.
    baseFeePerGas: readOptional(env.currentBaseFee, `${where}.currentBaseFee`, readQuantity) ?? 10n,
    coinbase: readAddress(env.currentCoinbase, `${where}.currentCoinbase`),
    // Since the merge the opcode of the difficulty gives the random word; files from before know only the former.
    prevRandao: wordOf(random ?? difficulty ?? 0n, `${where}.currentRandom`),
    excessBlobGas: readOptional(env.currentExcessBlobGas, `${where}.currentExcessBlobGas`, readQuantity) ?? 0n,
  };
}

function wordOf(value: bigint, where: string): Uint8Array {
  if (value >> 256n !== 0n) throw new StateTestMalformed(where, `0x${value.toString(16)}`, "a word of 256 bits");
  return Uint8Array.from(Buffer.from(value.toString(16).padStart(64, "0"), "hex"));
}

/** Accounts by address. */
export function parseAccounts(json: unknown, where: string): StateAccounts {
  return new Map(
    Object.entries(readObject(json, where)).map(([address, account]) => [
      readAddress(address, `${where}, an address there,`),
      parseAccount(account, `${where}.${address}`),
    ]),
  );
}

function parseAccount(json: unknown, where: string): StateAccount {
  const account = readObject(json, where);
  const storage = readOptional(account.storage, `${where}.storage`, readObject) ?? {};
  return {
    balance: readQuantity(account.balance, `${where}.balance`),
    nonce: readQuantity(account.nonce, `${where}.nonce`),
    code: readBytes(account.code, `${where}.code`),
    storage: new Map(
      Object.entries(storage).map(([slot, value]) => [
        readQuantity(slot, `${where}.storage, a slot there,`),
        readQuantity(value, `${where}.storage.${slot}`),
      ]),
    ),
  };
}

function parseCases(json: unknown, where: string, variants: StateTestVariants): StateTestCase[] {
  return Object.entries(readObject(json, where)).flatMap(([fork, posts]) =>
    readList(posts, `${where}.${fork}`).map((post, index) =>
      parseCase(post, { fork, index, where: `${where}.${fork}[${index}]` }, variants),
    ),
  );
}

function parseCase(
  json: unknown,
  { fork, index, where }: { fork: string; index: number; where: string },
  variants: StateTestVariants,
): StateTestCase {
  const post = readObject(json, where);
  const indexes = readOptional(post.indexes, `${where}.indexes`, readObject) ?? {};
  const choose = (field: "data" | "gas" | "value", from: readonly unknown[]) => {
    const chosen = readOptional(indexes[field], `${where}.indexes.${field}`, readIndex) ?? 0;
    if (chosen < from.length) return chosen;
    throw new StateTestMalformed(`${where}.indexes.${field}`, chosen, `one of ${from.length} variants, from 0`);
  };
  return {
    fork,
    index,
    data: choose("data", variants.data),
    gas: choose("gas", variants.gasLimit),
    value: choose("value", variants.value),
    stateRoot: readHash(post.hash, `${where}.hash`),
    logsHash: readHash(post.logs, `${where}.logs`),
    expectException: readOptional(post.expectException, `${where}.expectException`, readException),
  };
}

function readException(value: unknown, where: string): string {
  if (typeof value === "string" && value !== "") return value;
  if (Array.isArray(value) && value.length > 0) return value.join("|");
  throw new StateTestMalformed(where, value, "the name of an exception");
}
