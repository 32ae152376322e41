declare module "@testudo/contracts/compile" {
  import type { Abi, Hex } from "viem";
  export function compile(files: string[]): Record<string, { abi: Abi; bytecode: Hex; deployedBytecode: Hex }>;
}
