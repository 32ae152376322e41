import { keccak_256 } from "@noble/hashes/sha3.js";
import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import { compileAssembly } from "./compileAssembly.testkit.ts";

interface Engine {
  memory: WebAssembly.Memory;
  keccak256(src: number, length: number, out: number): void;
  keccak64(src: number, out: number): void;
  keccakKept(src: number, length: number, out: number): void;
}
let engine: Engine;
beforeAll(async () => {
  engine = await compileAssembly<Engine>(["keccak.ts"]);
});

const source = 512 * 1024;
const target = 256 * 1024;

function put(message: Uint8Array, offset: number) {
  const memory = new Uint8Array(engine.memory.buffer);
  // What stands around a message must not be taken for a part of it.
  memory.fill(0xaa, source, source + offset + message.length + 256);
  memory.set(message, source + offset);
}

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
const result = (offset = 0) => hex(new Uint8Array(engine.memory.buffer, target + offset, 32));

function hash(message: Uint8Array, offset = 0): string {
  put(message, offset);
  engine.keccak256(source + offset, message.length, target + offset);
  return result(offset);
}

function hashKept(message: Uint8Array, offset = 0): string {
  put(message, offset);
  engine.keccakKept(source + offset, message.length, target + offset);
  return result(offset);
}

function hash64(message: Uint8Array, offset = 0): string {
  put(message, offset);
  engine.keccak64(source + offset, target + offset);
  return result(offset);
}

test("WORD-04: keccak256 of every length up to 300 is that of @noble/hashes", () => {
  const bytes = Uint8Array.from({ length: 300 }, (_, i) => (i * 197 + 89) % 256);
  for (let length = 0; length <= 300; length++)
    expect(hash(bytes.subarray(0, length)), `${length} bytes`).toBe(hex(keccak_256(bytes.subarray(0, length))));
});

test("WORD-04: what is kept of short messages is theirs alone, asked again in any order", () => {
  const bytes = Uint8Array.from({ length: 300 }, (_, i) => (i * 197 + 89) % 256);
  for (let length = 0; length <= 300; length++)
    expect(hashKept(bytes.subarray(0, length)), `${length} bytes`).toBe(hex(keccak_256(bytes.subarray(0, length))));
  // Few bytes and few lengths, so that messages come again, and are one byte from others.
  const message = fc
    .array(fc.constantFrom(0, 1), { minLength: 1, maxLength: 3 })
    .chain((bits) =>
      fc
        .constantFrom(7, 8, 9, 15, 16, 17, 31, 52, 64, 160, 191, 192, 193)
        .map((length) => Uint8Array.from({ length }, (_, i) => bits[i % bits.length]!)),
    );
  fc.assert(
    fc.property(fc.array(message, { maxLength: 40 }), fc.nat(15), (messages, offset) => {
      for (const one of messages) {
        expect(hashKept(one, offset)).toBe(hex(keccak_256(one)));
        const other = one.slice();
        other[one.length - 1]! ^= 4;
        expect(hashKept(other, offset)).toBe(hex(keccak_256(other)));
      }
    }),
  );
});

test("WORD-04: keccak256 takes any bytes at any alignment", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 700 }), fc.nat(15), (message, offset) => {
      expect(hash(message, offset)).toBe(hex(keccak_256(message)));
    }),
    { numRuns: 1500 },
  );
});

test("WORD-04: keccak256 of long messages, and over its own source", () => {
  for (const length of [135, 136, 137, 4096, 24_576, 100_001]) {
    const message = Uint8Array.from({ length }, (_, i) => (i * i + length) % 256);
    expect(hash(message, 3)).toBe(hex(keccak_256(message)));
    engine.keccak256(source + 3, length, source + 3);
    expect(hex(new Uint8Array(engine.memory.buffer, source + 3, 32))).toBe(hex(keccak_256(message)));
  }
});

test("WORD-05: keccak64 is keccak256, zeros first and before anything was kept", () => {
  expect(hash64(new Uint8Array(64))).toBe(hex(keccak_256(new Uint8Array(64))));
  expect(hash64(new Uint8Array(64))).toBe(hex(keccak_256(new Uint8Array(64))));
});

test("WORD-05: keccak64 stays right when 4,000 keys share 1,024 places and come again", () => {
  const keys = Array.from({ length: 4000 }, (_, i) => {
    const key = new Uint8Array(64);
    new DataView(key.buffer).setUint32(28, i % 1000);
    key[63] = Math.floor(i / 1000);
    return { key, expected: hex(keccak_256(key)) };
  });
  for (let round = 0; round < 2; round++)
    for (const { key, expected } of keys) expect([hash64(key), hash64(key)]).toEqual([expected, expected]);
});

test("WORD-05: keccak64 tells keys apart that differ in one bit", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 64, maxLength: 64 }), fc.nat(511), fc.nat(7), (key, bit, offset) => {
      const other = key.map((byte, i) => (i === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));
      expect(hash64(key, offset)).toBe(hex(keccak_256(key)));
      expect(hash64(other, offset)).toBe(hex(keccak_256(other)));
      expect(hash64(key, offset)).toBe(hex(keccak_256(key)));
    }),
    { numRuns: 1000 },
  );
});
