import { addressOfKey } from "../recoverAuthority.ts";
import { parseAuthorization } from "./parseAuthorization.ts";
import {
  readAddress,
  readBytes,
  readHash,
  readList,
  readObject,
  readOptional,
  readQuantity,
  StateTestMalformed,
} from "./readField.ts";
import type { AccessList, StateTestVariants } from "./StateTest.ts";

/** The transaction of a test with its variants. Throws `StateTestMalformed`, also where it has no price or no sender. */
export function parseTransaction(json: unknown, where: string): StateTestVariants {
  const tx = readObject(json, where);
  const at = (field: string) => `${where}.${field}`;
  const price = (field: string) => readOptional(tx[field], at(field), readQuantity);
  const gasPrice = price("gasPrice");
  const maxFeePerGas = price("maxFeePerGas");
  if (gasPrice === undefined && maxFeePerGas === undefined)
    throw new StateTestMalformed(at("gasPrice"), undefined, "it, or maxFeePerGas");
  return {
    from: parseSender(tx, at),
    to: parseTarget(tx.to, at("to")),
    nonce: readQuantity(tx.nonce, at("nonce")),
    data: readEach(tx.data, at("data"), readBytes),
    gasLimit: readEach(tx.gasLimit, at("gasLimit"), readQuantity),
    value: readEach(tx.value, at("value"), readQuantity),
    gasPrice,
    maxFeePerGas,
    maxPriorityFeePerGas: price("maxPriorityFeePerGas"),
    accessLists: readOptional(tx.accessLists, at("accessLists"), (lists, there) =>
      readEach(lists, there, (list, here) => readOptional(list, here, parseAccessList)),
    ),
    blobVersionedHashes: readOptional(tx.blobVersionedHashes, at("blobVersionedHashes"), (hashes, there) =>
      readEach(hashes, there, (hash, here) => readBytes(readHash(hash, here), here)),
    ),
    maxFeePerBlobGas: price("maxFeePerBlobGas"),
    authorizationList: readOptional(tx.authorizationList, at("authorizationList"), (list, there) =>
      readEach(list, there, parseAuthorization),
    ),
  };
}

function parseSender(tx: Readonly<Record<string, unknown>>, at: (field: string) => string): string {
  const sender = readOptional(tx.sender, at("sender"), readAddress);
  return sender ?? addressOfKey(readBytes(readHash(tx.secretKey, at("secretKey")), at("secretKey")));
}

function parseTarget(to: unknown, where: string): string | null {
  return to === undefined || to === null || to === "" || to === "0x" ? null : readAddress(to, where);
}

function parseAccessList(json: unknown, where: string): AccessList {
  return readEach(json, where, (entry, here) => {
    const { address, storageKeys } = readObject(entry, here);
    return {
      address: readAddress(address, `${here}.address`),
      storageKeys: readEach(storageKeys, `${here}.storageKeys`, readQuantity),
    };
  });
}

function readEach<T>(list: unknown, where: string, read: (value: unknown, where: string) => T): T[] {
  return readList(list, where).map((item, index) => read(item, `${where}[${index}]`));
}
