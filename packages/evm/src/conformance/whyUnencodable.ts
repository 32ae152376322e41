import type { StateTestTransaction } from "./StateTestEngine.ts";

/**
 * Why no bytes can carry `tx`: a number that is too large for its field. Undefined where they can. Such a transaction
 * never reaches an engine, as a node would not get past reading it.
 */
export function whyUnencodable(tx: StateTestTransaction): string | undefined {
  const numbers: [string, bigint | undefined, bigint][] = [
    ["nonce", tx.nonce, 64n],
    ["gas", tx.gas, 64n],
    ["value", tx.value, 256n],
    ["gasPrice", tx.gasPrice, 256n],
    ["maxFeePerGas", tx.maxFeePerGas, 256n],
    ["maxPriorityFeePerGas", tx.maxPriorityFeePerGas, 256n],
    ["maxFeePerBlobGas", tx.maxFeePerBlobGas, 256n],
    ...(tx.authorizationList ?? []).flatMap(({ chainId, nonce, signature }): [string, bigint | undefined, bigint][] => [
      ["chainId of an authorization", chainId, 256n],
      ["nonce of an authorization", nonce, 64n],
      ["yParity of an authorization", signature?.yParity, 8n],
      ["r of an authorization", signature?.r, 256n],
      ["s of an authorization", signature?.s, 256n],
    ]),
  ];
  const [large] = numbers.filter(([, value, bits]) => value !== undefined && value >> bits !== 0n);
  return large && `${large[0]} 0x${large[1]!.toString(16)} is larger than ${large[2]} bits`;
}
