// The compression function of BLAKE2b as EIP-152 gives it to contracts: up to 2^32 rounds for one gas each, so that it must
// not be slow. Constants are those of RFC 7693.
const LENGTH: u32 = 213;

/** Which word of the message each of the sixteen places of a round takes; ten rounds, then again from the first. */
const schedule: usize = memory.data<u8>([
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3, 11, 8, 12,
  0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4, 7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8, 9, 0, 5, 7, 2, 4, 10,
  15, 14, 1, 11, 12, 6, 8, 3, 13, 2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9, 12, 5, 1, 15, 14, 13, 4, 10, 0, 7,
  6, 3, 9, 2, 8, 11, 13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10, 6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4,
  10, 5, 10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0,
]);
const start: usize = memory.data<u64>([
  0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b, 0xa54ff53a5f1d36f1, 0x510e527fade682d1, 0x9b05688c2b3e6c1f,
  0x1f83d9abfb41bd6b, 0x5be0cd19137e2179,
]);
/** The sixteen words that are mixed. */
const state: usize = memory.data(128, 16);
/** The message's words in the order in which ten rounds take them. */
const ordered: usize = memory.data(1280, 16);
// WebAssembly moves a function to its optimised form only between two calls of it.
const ROUNDS_A_CALL: u32 = 1000;
const ROW: u32 = 128;

/** Gas that is left after compressing the `length` bytes at `input` into the 64 at `output`; -1 where it fails. */
export function blake2f(input: usize, length: u32, output: usize, gas: i64): i64 {
  if (length != LENGTH || load<u8>(input, 212) > 1) return -1;
  const rounds = bswap<u32>(load<u32>(input));
  if (gas < <i64>rounds) return -1;
  const h = input + 4;
  const message = input + 68;
  memory.copy(state, h, 64);
  memory.copy(state + 64, start, 64);
  store<u64>(state, load<u64>(state, 96) ^ load<u64>(input, 196), 96);
  store<u64>(state, load<u64>(state, 104) ^ load<u64>(input, 204), 104);
  if (load<u8>(input, 212) == 1) store<u64>(state, ~load<u64>(state, 112), 112);
  for (let i: usize = 0; i < 160; i++) store<u64>(ordered + i * 8, load<u64>(message + <usize>load<u8>(schedule + i) * 8));
  for (let done: u32 = 0; done < rounds; ) {
    const some = min<u32>(ROUNDS_A_CALL, rounds - done);
    mix(some);
    done += some;
  }
  for (let i: usize = 0; i < 64; i += 8) {
    store<u64>(output + i, load<u64>(h + i) ^ load<u64>(state + i) ^ load<u64>(state + 64 + i));
  }
  return gas - <i64>rounds;
}

// A thousand rounds end where the ten of the schedule do, so that each call begins with the first.
function mix(rounds: u32): void {
  let v0 = load<u64>(state);
  let v1 = load<u64>(state, 8);
  let v2 = load<u64>(state, 16);
  let v3 = load<u64>(state, 24);
  let v4 = load<u64>(state, 32);
  let v5 = load<u64>(state, 40);
  let v6 = load<u64>(state, 48);
  let v7 = load<u64>(state, 56);
  let v8 = load<u64>(state, 64);
  let v9 = load<u64>(state, 72);
  let v10 = load<u64>(state, 80);
  let v11 = load<u64>(state, 88);
  let v12 = load<u64>(state, 96);
  let v13 = load<u64>(state, 104);
  let v14 = load<u64>(state, 112);
  let v15 = load<u64>(state, 120);
  let row: usize = ordered;
  for (let round: u32 = 0; round < rounds; round++) {
    v0 += v4 + load<u64>(row);
    v12 = rotr<u64>(v12 ^ v0, 32);
    v8 += v12;
    v4 = rotr<u64>(v4 ^ v8, 24);
    v0 += v4 + load<u64>(row, 8);
    v12 = rotr<u64>(v12 ^ v0, 16);
    v8 += v12;
    v4 = rotr<u64>(v4 ^ v8, 63);
    v1 += v5 + load<u64>(row, 16);
    v13 = rotr<u64>(v13 ^ v1, 32);
    v9 += v13;
    v5 = rotr<u64>(v5 ^ v9, 24);
    v1 += v5 + load<u64>(row, 24);
    v13 = rotr<u64>(v13 ^ v1, 16);
    v9 += v13;
    v5 = rotr<u64>(v5 ^ v9, 63);
    v2 += v6 + load<u64>(row, 32);
    v14 = rotr<u64>(v14 ^ v2, 32);
    v10 += v14;
    v6 = rotr<u64>(v6 ^ v10, 24);
    v2 += v6 + load<u64>(row, 40);
    v14 = rotr<u64>(v14 ^ v2, 16);
    v10 += v14;
    v6 = rotr<u64>(v6 ^ v10, 63);
    v3 += v7 + load<u64>(row, 48);
    v15 = rotr<u64>(v15 ^ v3, 32);
    v11 += v15;
    v7 = rotr<u64>(v7 ^ v11, 24);
    v3 += v7 + load<u64>(row, 56);
    v15 = rotr<u64>(v15 ^ v3, 16);
    v11 += v15;
    v7 = rotr<u64>(v7 ^ v11, 63);
    v0 += v5 + load<u64>(row, 64);
    v15 = rotr<u64>(v15 ^ v0, 32);
    v10 += v15;
    v5 = rotr<u64>(v5 ^ v10, 24);
    v0 += v5 + load<u64>(row, 72);
    v15 = rotr<u64>(v15 ^ v0, 16);
    v10 += v15;
    v5 = rotr<u64>(v5 ^ v10, 63);
    v1 += v6 + load<u64>(row, 80);
    v12 = rotr<u64>(v12 ^ v1, 32);
    v11 += v12;
    v6 = rotr<u64>(v6 ^ v11, 24);
    v1 += v6 + load<u64>(row, 88);
    v12 = rotr<u64>(v12 ^ v1, 16);
    v11 += v12;
    v6 = rotr<u64>(v6 ^ v11, 63);
    v2 += v7 + load<u64>(row, 96);
    v13 = rotr<u64>(v13 ^ v2, 32);
    v8 += v13;
    v7 = rotr<u64>(v7 ^ v8, 24);
    v2 += v7 + load<u64>(row, 104);
    v13 = rotr<u64>(v13 ^ v2, 16);
    v8 += v13;
    v7 = rotr<u64>(v7 ^ v8, 63);
    v3 += v4 + load<u64>(row, 112);
    v14 = rotr<u64>(v14 ^ v3, 32);
    v9 += v14;
    v4 = rotr<u64>(v4 ^ v9, 24);
    v3 += v4 + load<u64>(row, 120);
    v14 = rotr<u64>(v14 ^ v3, 16);
    v9 += v14;
    v4 = rotr<u64>(v4 ^ v9, 63);
    row += ROW;
    if (row == ordered + 10 * ROW) row = ordered;
  }
  store<u64>(state, v0);
  store<u64>(state, v1, 8);
  store<u64>(state, v2, 16);
  store<u64>(state, v3, 24);
  store<u64>(state, v4, 32);
  store<u64>(state, v5, 40);
  store<u64>(state, v6, 48);
  store<u64>(state, v7, 56);
  store<u64>(state, v8, 64);
  store<u64>(state, v9, 72);
  store<u64>(state, v10, 80);
  store<u64>(state, v11, 88);
  store<u64>(state, v12, 96);
  store<u64>(state, v13, 104);
  store<u64>(state, v14, 112);
  store<u64>(state, v15, 120);
}
