import type { Authorization } from "@testudo/core/model/Evm";
import { type Source, toAddress, toBigint, toFields, toList } from "./parseField.ts";

/** Reads the `authorizationList` of a transaction object (EIP-7702). Throws `RpcMalformed`. */
export function parseAuthorizations(value: unknown, source: Source): readonly Authorization[] {
  return toList(source, "authorizationList", value).map((item, i) => {
    const at = `authorizationList[${i}]`;
    const entry = toFields(source, at, item);
    const hex = (field: string) => `0x${toBigint(source, `${at}.${field}`, entry[field]).toString(16)}` as const;
    return {
      chainId: hex("chainId"),
      address: toAddress(source, `${at}.address`, entry.address),
      nonce: hex("nonce"),
      yParity: hex("yParity"),
      r: hex("r"),
      s: hex("s"),
    };
  });
}
