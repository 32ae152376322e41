import type { Address } from "./Hex.ts";

/** `native`, an ERC-20 token's address, or `<token>:<id>` for an ERC-721 or ERC-1155 id. */
export type Asset = string;

export const native: Asset = "native";

/** Where mints come from and burns go to. */
export const zeroAddress: Address = `0x${"0".repeat(40)}`;
