const push1 = 0x60;
const push32 = 0x7f;
/** As wide as offsets of code, of which there are more than of constants. */
const offsetBytes = 2;

/** What PUSH instructions of `code` push, each once, and its neighbours: whoever compares compares with an edge. */
export function pushedConstants(code: Uint8Array): bigint[] {
  const found = new Set<bigint>();
  for (let at = 0; at < code.length; at++) {
    const op = code[at]!;
    if (op < push1 || op > push32) continue;
    const size = op - push1 + 1;
    if (size !== offsetBytes) {
      let value = 0n;
      for (const byte of code.subarray(at + 1, at + 1 + size)) value = (value << 8n) | BigInt(byte);
      found.add(value);
      if (value > 0n) found.add(value - 1n);
      found.add(value + 1n);
    }
    at += size;
  }
  return [...found];
}
