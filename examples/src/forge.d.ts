declare module "@testudo/contracts/forge" {
  export function forgeIn(folder: string, args: string[]): Promise<{ code: number; stdout: string }>;
}
