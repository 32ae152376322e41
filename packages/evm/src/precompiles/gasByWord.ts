/** What hashing and copying cost: a base and so much for each 32-byte word begun (Yellow Paper, appendix E). */
export function gasByWord(base: bigint, perWord: bigint): (input: Uint8Array) => bigint {
  return (input) => base + perWord * BigInt(Math.ceil(input.length / 32));
}
