const push1 = 0x60;
const push4 = 0x63;
const push32 = 0x7f;
const compares = new Set([0x10, 0x11, 0x14]);

/** What a contract compares four bytes with, right after it pushed them: mostly the selectors of its functions. */
export function readSelectors(code: Uint8Array): number[] {
  const selectors = new Set<number>();
  for (let at = 0; at < code.length; at++) {
    const op = code[at]!;
    if (op < push1 || op > push32) continue;
    const next = at + op - push1 + 2;
    if (op === push4 && (compares.has(code[next]!) || (code[next] === 0x81 && compares.has(code[next + 1]!)))) {
      selectors.add(new DataView(code.buffer, code.byteOffset).getUint32(at + 1));
    }
    at = next - 1;
  }
  return [...selectors];
}
