/** The versioned hashes that the transaction names (EIP-4844), 32 bytes each. */
export class Blobs {
  static count: u32 = 0;
  static hashes: usize = memory.data(32 * 32, 16);
}
