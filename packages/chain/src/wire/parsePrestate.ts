import type { Address, Hex } from "@testudo/core/model/Hex";
import type { MetAccount } from "@testudo/core/model/TxRecord";
import { type Source, toAddress, toBigint, toBytes, toFields, toNonce } from "./parseField.ts";

/** Reads the answer of prestateTracer: all that a transaction touched, as it was before. Throws `RpcMalformed`. */
export function parsePrestate(value: unknown, source: Source): Map<Address, MetAccount> {
  const accounts = Object.entries(toFields(source, "prestate", value));
  return new Map(
    accounts.map(([key, account]) => {
      const address = toAddress(source, "prestate", key.toLowerCase());
      return [address, parseAccount(account, `prestate.${address}`, source)];
    }),
  );
}

// What is nothing is left out; the nonce is a number, or a quantity in old versions.
function parseAccount(value: unknown, at: string, source: Source): MetAccount {
  const { balance = "0x0", nonce = 0, code = "0x", storage = {} } = toFields(source, at, value);
  const words = Object.entries(toFields(source, `${at}.storage`, storage));
  return {
    balance: toBigint(source, `${at}.balance`, balance),
    nonce: toNonce(source, `${at}.nonce`, typeof nonce === "number" ? `0x${nonce.toString(16)}` : nonce),
    code: toBytes(source, `${at}.code`, code),
    storage: new Map(
      words.map(([key, word]) => [toWord(source, `${at}.storage`, key), toWord(source, `${at}.storage.${key}`, word)]),
    ),
  };
}

function toWord(source: Source, field: string, value: unknown): Hex {
  return `0x${toBigint(source, field, value).toString(16).padStart(64, "0")}`;
}
