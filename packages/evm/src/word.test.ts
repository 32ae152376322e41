import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import { compileAssembly } from "./compileAssembly.testkit.ts";

type Operation = (...pointers: number[]) => number;
let engine: Record<string, Operation> & { memory: WebAssembly.Memory };
beforeAll(async () => {
  engine = await compileAssembly(["word.ts", "multiply.ts", "shift.ts", "quotient.ts"]);
});

const modulus = 2n ** 256n;
const signed = (x: bigint) => BigInt.asIntN(256, x);
const bitLength = (x: bigint) => (x === 0n ? 0 : x.toString(2).length);

/** What the yellow paper (and EIP-7939 for clz) says of each operation. */
const meaning = {
  addWord: (a, b) => a + b,
  subWord: (a, b) => a - b,
  mulWord: (a, b) => a * b,
  divWord: (a, b) => (b === 0n ? 0n : a / b),
  sdivWord: (a, b) => (b === 0n ? 0n : signed(a) / signed(b)),
  modWord: (a, b) => (b === 0n ? 0n : a % b),
  smodWord: (a, b) => (b === 0n ? 0n : signed(a) % signed(b)),
  addmodWord: (a, b, m) => (m === 0n ? 0n : (a + b) % m),
  mulmodWord: (a, b, m) => (m === 0n ? 0n : (a * b) % m),
  expWord: (a, e) => power(a, e),
  signextendWord: (k, x) => (k > 30n ? x : BigInt.asIntN(Number(k) * 8 + 8, x)),
  byteWord: (i, x) => (i > 31n ? 0n : (x >> (248n - 8n * i)) & 0xffn),
  shlWord: (shift, x) => (shift > 255n ? 0n : x << shift),
  shrWord: (shift, x) => (shift > 255n ? 0n : x >> shift),
  sarWord: (shift, x) => signed(x) >> (shift > 255n ? 255n : shift),
  clzWord: (x) => 256n - BigInt(bitLength(x)),
  negateWord: (x) => -x,
} satisfies Record<string, (...operands: bigint[]) => bigint>;

/** Questions answer with a number, not with a word. */
const answers = {
  ltWord: (a, b) => Number(a < b),
  sltWord: (a, b) => Number(signed(a) < signed(b)),
  eqWord: (a, b) => Number(a === b),
  isZeroWord: (x) => Number(x === 0n),
  bytesOfExponent: (x) => Math.ceil(bitLength(x) / 8),
} satisfies Record<string, (...operands: bigint[]) => number>;

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  for (let [square, left] = [base, exponent]; left > 0n; left >>= 1n, square = (square * square) % modulus)
    if (left & 1n) result = (result * square) % modulus;
  return result;
}

const limb = fc.oneof(fc.bigInt(0n, 2n ** 64n - 1n), fc.constantFrom(0n, 1n, 2n ** 63n, 2n ** 64n - 1n, 2n ** 32n));
const nearPower = fc
  .tuple(fc.integer({ min: 0, max: 256 }), fc.integer({ min: -2, max: 2 }))
  .map(([k, near]) => BigInt.asUintN(256, 2n ** BigInt(k) + BigInt(near)));
/** Where carries, signs, lengths and digits of a quotient go wrong, if they do. */
const word = fc.oneof(
  fc.constantFrom(0n, 1n, modulus - 1n, modulus / 2n, modulus / 2n - 1n),
  fc.bigInt(0n, 300n),
  nearPower,
  fc.array(limb, { minLength: 1, maxLength: 4 }).map((limbs) => limbs.reduce((sum, x) => (sum << 64n) | x, 0n)),
  fc.bigInt(0n, modulus - 1n),
);

const slots = [1024, 1056, 1088];
const elsewhere = 1120;
const place = (base: number) => base + 512 * 1024;

function write(pointer: number, x: bigint) {
  const view = new DataView(engine.memory.buffer);
  for (let i = 0; i < 4; i++) view.setBigUint64(pointer + 8 * i, BigInt.asUintN(64, x >> BigInt(64 * i)), true);
}

function read(pointer: number): bigint {
  const view = new DataView(engine.memory.buffer);
  return [3, 2, 1, 0].reduce((sum, i) => (sum << 64n) | view.getBigUint64(pointer + 8 * i, true), 0n);
}

function run(name: string, operands: bigint[], out: number): bigint {
  operands.forEach((x, i) => {
    write(place(slots[i]!), x);
  });
  engine[name]!(place(out), ...operands.map((_, i) => place(slots[i]!)));
  return read(place(out));
}

function holds(name: keyof typeof meaning, operands: bigint[]) {
  const expected = BigInt.asUintN(256, (meaning[name] as (...operands: bigint[]) => bigint)(...operands));
  for (const out of [elsewhere, ...slots.slice(0, operands.length)]) {
    const found = run(name, operands, out);
    // Comparing first: 200,000 calls of `expect` would take longer than all the arithmetic.
    if (found !== expected) expect(found, `${name}(${operands.join(", ")}) into ${out}`).toBe(expected);
  }
}

for (const name of Object.keys(meaning) as (keyof typeof meaning)[]) {
  const count = meaning[name].length;
  test(`WORD-01: ${name} is what the yellow paper says, whichever operand the result overwrites`, () => {
    fc.assert(
      fc.property(fc.array(word, { minLength: count, maxLength: count }), (operands) => holds(name, operands)),
      { numRuns: 3000 },
    );
  });
}

for (const name of Object.keys(answers) as (keyof typeof answers)[]) {
  const count = answers[name].length;
  test(`WORD-01: ${name} answers as numbers do`, () => {
    const operands = fc.array(word, { minLength: count, maxLength: count });
    const pair =
      count === 2
        ? fc.oneof(
            operands,
            word.map((x) => [x, x]),
          )
        : operands;
    fc.assert(
      fc.property(pair, (x) => {
        x.forEach((value, i) => {
          write(place(slots[i]!), value);
        });
        const expected = (answers[name] as (...operands: bigint[]) => number)(...x);
        expect(engine[name]!(...x.map((_, i) => place(slots[i]!)))).toBe(expected);
      }),
      { numRuns: 3000 },
    );
  });
}

test("WORD-01: an operand may stand for two or three at once", () => {
  fc.assert(
    fc.property(word, (x) => {
      for (const name of ["mulWord", "divWord", "sdivWord", "modWord", "smodWord", "expWord", "shlWord"] as const) {
        write(place(1024), x);
        engine[name]!(place(1024), place(1024), place(1024));
        expect(read(place(1024)), `${name}(x, x) of ${x}`).toBe(BigInt.asUintN(256, meaning[name](x, x)));
      }
      for (const name of ["addmodWord", "mulmodWord"] as const) {
        write(place(1024), x);
        engine[name]!(place(1024), place(1024), place(1024), place(1024));
        expect(read(place(1024)), `${name}(x, x, x) of ${x}`).toBe(0n);
      }
    }),
    { numRuns: 2000 },
  );
});

test("WORD-02: a quotient and its remainder are exact where an estimated digit is one too high or too low", () => {
  // A dividend just around a multiple of the divisor is what sends long division into its corrections.
  const near = fc.tuple(word, word, fc.bigInt(-2n, 2n)).map(([q, b, more]) => {
    return [BigInt.asUintN(256, (q % (modulus / (b + 1n) + 1n)) * b + more), b];
  });
  fc.assert(
    fc.property(near, ([a, b]) => {
      holds("divWord", [a!, b!]);
      holds("modWord", [a!, b!]);
      holds("mulmodWord", [a!, b!, modulus - 1n - b!]);
    }),
    { numRuns: 5000 },
  );
});

test("WORD-03: bytes of any alignment become a word, the highest first, and the word the same bytes", () => {
  fc.assert(
    fc.property(word, fc.nat(15), (x, offset) => {
      const memory = new Uint8Array(engine.memory.buffer);
      const hex = x.toString(16).padStart(64, "0");
      memory.set(Buffer.from(hex, "hex"), place(2048 + offset));
      engine.loadBigEndian!(place(1024), place(2048 + offset));
      expect(read(place(1024))).toBe(x);
      engine.storeBigEndian!(place(3072 + offset), place(1024));
      expect(Buffer.from(memory.slice(place(3072 + offset), place(3104 + offset))).toString("hex")).toBe(hex);
    }),
  );
});
