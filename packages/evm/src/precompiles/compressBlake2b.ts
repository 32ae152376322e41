// RFC 7693, section 3.2. A 64-bit word is two of 32 bits, the low one first, as it lies in memory: each
// addition of bigints would allocate.

// Where each round takes its words of the message from, doubled for pairs of words; the eleventh round starts over.
const schedule = Uint8Array.from(
  [
    "0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15",
    "14 10 4 8 9 15 13 6 1 12 0 2 11 7 5 3",
    "11 8 12 0 5 2 15 13 10 14 3 6 7 1 9 4",
    "7 9 3 1 13 12 11 14 2 6 5 10 4 0 15 8",
    "9 0 5 7 2 4 10 15 14 1 11 12 6 8 3 13",
    "2 12 6 10 0 11 8 3 4 13 7 5 15 14 1 9",
    "12 5 1 15 14 13 4 10 0 7 6 3 9 2 8 11",
    "13 11 7 14 12 1 3 9 5 0 15 4 8 6 2 10",
    "6 15 14 9 11 3 0 8 12 2 13 7 1 4 10 5",
    "10 2 8 4 7 6 1 5 15 11 9 14 3 12 13 0",
  ].flatMap((row) => row.split(" ").map((word) => 2 * Number(word))),
);
// The first 64 bits of the fractions of the roots of the first eight primes.
const initial = Uint32Array.of(
  0xf3bcc908,
  0x6a09e667,
  0x84caa73b,
  0xbb67ae85,
  0xfe94f82b,
  0x3c6ef372,
  0x5f1d36f1,
  0xa54ff53a,
  0xade682d1,
  0x510e527f,
  0x2b3e6c1f,
  0x9b05688c,
  0xfb41bd6b,
  0x1f83d9ab,
  0x137e2179,
  0x5be0cd19,
);

/** Runs `rounds` rounds over `state` (eight 64-bit words), in place. `offset` is the count of bytes so far, of 128 bits. */
export function compressBlake2b(
  rounds: number,
  state: Uint32Array,
  message: Uint32Array,
  offset: Uint32Array,
  isLast: boolean,
): void {
  const v = new Int32Array(32);
  v.set(state);
  v.set(initial, 16);
  for (let i = 0; i < 4; i++) v[24 + i]! ^= offset[i]!;
  if (isLast) for (const i of [28, 29]) v[i] = ~v[i]!;
  const m = Int32Array.from(message);
  for (let round = 0, row = 0; round < rounds; round++, row = row === 144 ? 0 : row + 16) runRound(v, m, row);
  for (let i = 0; i < 16; i++) state[i]! ^= v[i]! ^ v[16 + i]!;
}

function runRound(v: Int32Array, m: Int32Array, row: number): void {
  mix(v, 0, 8, 16, 24, m, schedule[row]!, schedule[row + 1]!);
  mix(v, 2, 10, 18, 26, m, schedule[row + 2]!, schedule[row + 3]!);
  mix(v, 4, 12, 20, 28, m, schedule[row + 4]!, schedule[row + 5]!);
  mix(v, 6, 14, 22, 30, m, schedule[row + 6]!, schedule[row + 7]!);
  mix(v, 0, 10, 20, 30, m, schedule[row + 8]!, schedule[row + 9]!);
  mix(v, 2, 12, 22, 24, m, schedule[row + 10]!, schedule[row + 11]!);
  mix(v, 4, 14, 16, 26, m, schedule[row + 12]!, schedule[row + 13]!);
  mix(v, 6, 8, 18, 28, m, schedule[row + 14]!, schedule[row + 15]!);
}

// The function G of section 3.1, on the words at a, b, c, d. A carry out of a low half shows in its unsigned value.
function mix(v: Int32Array, a: number, b: number, c: number, d: number, m: Int32Array, x: number, y: number): void {
  let al = v[a]!;
  let ah = v[a + 1]!;
  let bl = v[b]!;
  let bh = v[b + 1]!;
  let cl = v[c]!;
  let ch = v[c + 1]!;
  let dl = v[d]!;
  let dh = v[d + 1]!;
  let low = (al >>> 0) + (bl >>> 0) + (m[x]! >>> 0);
  al = low | 0;
  ah = (ah + bh + m[x + 1]! + ((low / 0x100000000) | 0)) | 0;
  // d = (d ^ a) >>> 32
  let t = dl ^ al;
  dl = dh ^ ah;
  dh = t;
  low = (cl >>> 0) + (dl >>> 0);
  cl = low | 0;
  ch = (ch + dh + (low > 0xffffffff ? 1 : 0)) | 0;
  // b = (b ^ c) >>> 24
  t = bl ^ cl;
  bh ^= ch;
  bl = (t >>> 24) | (bh << 8);
  bh = (bh >>> 24) | (t << 8);
  low = (al >>> 0) + (bl >>> 0) + (m[y]! >>> 0);
  al = low | 0;
  ah = (ah + bh + m[y + 1]! + ((low / 0x100000000) | 0)) | 0;
  // d = (d ^ a) >>> 16
  t = dl ^ al;
  dh ^= ah;
  dl = (t >>> 16) | (dh << 16);
  dh = (dh >>> 16) | (t << 16);
  low = (cl >>> 0) + (dl >>> 0);
  cl = low | 0;
  ch = (ch + dh + (low > 0xffffffff ? 1 : 0)) | 0;
  // b = (b ^ c) >>> 63
  t = bl ^ cl;
  bh ^= ch;
  v[b] = (t << 1) | (bh >>> 31);
  v[b + 1] = (bh << 1) | (t >>> 31);
  v[a] = al;
  v[a + 1] = ah;
  v[c] = cl;
  v[c + 1] = ch;
  v[d] = dl;
  v[d + 1] = dh;
}
