declare module "@testudo/contracts/compile" {
  import type { Abi, Hex } from "viem";

  type Compiled = Record<string, { abi: Abi; bytecode: Hex; deployedBytecode: Hex }>;
  export const settings: object;
  export function compile(files: string[]): Compiled;
  export function compileWith(compiler: string, settings: object, files: string[]): Compiled;
}
