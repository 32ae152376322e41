import type { Address } from "../../model/Hex.ts";

/** Contracts that hold the money of many pools: in honest business they get and give the same asset for two of them. */
export const singletons: ReadonlySet<Address> = new Set([
  "0xba12222222228d8ba445958a75a0704d566bf2c8", // Balancer 2
  "0xba1333333333a1ba1108e8412f11850a5c319ba9", // Balancer 3
  "0x000000000004444c5dc75cb358380d2e3de08a90", // Uniswap 4
  "0xbbbbbbbbbb9cc5e90e3b3af64bdaf62c37eeffcb", // Morpho Blue
  "0x52aa899454998be5b000ad077a46bbe360f4e497", // Fluid
] as const);
