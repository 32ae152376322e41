/**
 * What the hashes of tables are keyed with. Whoever writes a contract chooses its keys: with a hash that is known he makes
 * them meet in one place of the table, where each costs as many steps as there are. Results do not depend on it.
 */
export class Salt {
  static mask: u64 = 0x9e3779b97f4a7c15;
  /** Odd. */
  static factor: u64 = 0xc2b2ae3d27d4eb4f;
}

/** Keys the tables; only while they are empty. */
export function setSalt(mask: u64, factor: u64): void {
  Salt.mask = mask;
  Salt.factor = factor | 1;
}

/** The place of an account's key, of four limbs, in a table. */
@inline
export function hashOfKey(account: u32, key: usize): u32 {
  let h = (load<u64>(key) ^ Salt.mask) * Salt.factor;
  h = (h ^ (h >> 32) ^ load<u64>(key, 8)) * 0xd6e8feb86659fd93;
  h = (h ^ (h >> 29) ^ load<u64>(key, 16)) * 0xa0761d6478bd642f;
  h = (h ^ (h >> 32) ^ load<u64>(key, 24) ^ ((<u64>account) << 32)) * 0xe7037ed1a0b428db;
  return <u32>(h ^ (h >> 32));
}
