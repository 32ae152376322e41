import type { ValueType } from "./expression/Expression.ts";

type Types = { readonly [name: string]: ValueType };

/** What a rule may ask of a transaction. */
export const txTypes: Types = {
  hash: { abi: "bytes32" },
  from: { abi: "address" },
  // Empty where a contract is created.
  to: { abi: "address", isOptional: true },
  value: { abi: "uint256" },
  input: { abi: "bytes" },
  nonce: { abi: "uint64" },
  index: { abi: "uint64" },
};

export const blockTypes: Types = { number: { abi: "uint64" }, timestamp: { abi: "uint64" } };

/** What is known at every match, whatever its event or call. */
export const placeTypes: Types = {
  tx: { fields: txTypes },
  block: { fields: blockTypes },
  address: { abi: "address" },
};
