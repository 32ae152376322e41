// What transactions see of their block and of the rules. The host writes words (four 64-bit limbs, lowest first).

/** Words, in this order: number, timestamp, gas limit, base fee, coinbase, random, blob base fee, chain id, gas price, origin. */
export const blockWords: usize = memory.data(10 * 32, 16);
export const NUMBER: usize = 0;
export const TIMESTAMP: usize = 32;
export const GAS_LIMIT: usize = 64;
export const BASE_FEE: usize = 96;
export const COINBASE: usize = 128;
export const RANDOM: usize = 160;
export const BLOB_BASE_FEE: usize = 192;
export const CHAIN_ID: usize = 224;
export const GAS_PRICE: usize = 256;
export const ORIGIN: usize = 288;

/** The last 256 block hashes, by number modulo 256: 8 bytes number + 1, 32 bytes hash. */
const hashes: usize = memory.data(256 * 40, 16);

/** Where the hash of block `number` stands, or 0 if the host has not given it. */
export function blockHashAt(number: u64): usize {
  const entry = hashes + <usize>(number & 255) * 40;
  return load<u64>(entry) == number + 1 ? entry + 8 : 0;
}

/** Keeps a block hash, 32 bytes at `hash`. */
export function putBlockHash(number: u64, hash: usize): void {
  const entry = hashes + <usize>(number & 255) * 40;
  store<u64>(entry, number + 1);
  memory.copy(entry + 8, hash, 32);
}

export function forgetBlockHashes(): void {
  memory.fill(hashes, 0, 256 * 40);
}
