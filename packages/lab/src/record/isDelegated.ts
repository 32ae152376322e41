/** Whether `code` says no more than whose code runs in its place (EIP-7702). */
export function isDelegated(code: Uint8Array): boolean {
  return code.length === 23 && code[0] === 0xef && code[1] === 0x01 && code[2] === 0x00;
}

/** Whether the rules let an account of `code` send nothing (EIP-3607). */
export function isContract(code: Uint8Array): boolean {
  return code.length > 0 && !isDelegated(code);
}
