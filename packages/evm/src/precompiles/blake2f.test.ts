import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { openEngine } from "../openEngine.ts";
import { bytesOf, hexOf } from "./bytes.testkit.ts";

const nobody = `0x${"0".repeat(40)}` as const;
const engine = await openEngine({
  fork: "cancun",
  chainId: 1n,
  block: {
    number: 1n,
    timestamp: 1n,
    gasLimit: 1n << 40n,
    baseFeePerGas: 0n,
    coinbase: nobody,
    prevRandao: 0n,
    excessBlobGas: 0n,
  },
});
const ours = (input: Uint8Array) => engine.call({ from: nobody, to: `0x${"9".padStart(40, "0")}`, input });
const blake2f = {
  gas: (input: Uint8Array): bigint => ours(input).gasUsed,
  run(input: Uint8Array): Uint8Array | undefined {
    const { succeeded, output } = ours(input);
    return succeeded ? output : undefined;
  },
};

const initial = [
  0x6a09e667f3bcc908n,
  0xbb67ae8584caa73bn,
  0x3c6ef372fe94f82bn,
  0xa54ff53a5f1d36f1n,
  0x510e527fade682d1n,
  0x9b05688c2b3e6c1fn,
  0x1f83d9abfb41bd6bn,
  0x5be0cd19137e2179n,
];

interface Block {
  readonly rounds?: number;
  readonly state?: Uint8Array;
  readonly message: Uint8Array;
  readonly offset: bigint;
  readonly isLast?: boolean;
}

// The state of BLAKE2b-512 before its first block: no key, one lane.
function firstState(): Uint8Array {
  const state = new Uint8Array(64);
  const view = new DataView(state.buffer);
  initial.forEach((word, i) => {
    view.setBigUint64(8 * i, i === 0 ? word ^ 0x01010040n : word, true);
  });
  return state;
}

function inputOf({ rounds = 12, state = firstState(), message, offset, isLast = true }: Block): Uint8Array {
  const input = new Uint8Array(213);
  const view = new DataView(input.buffer);
  view.setUint32(0, rounds);
  input.set(state, 4);
  input.set(message, 68);
  view.setBigUint64(196, offset, true);
  input[212] = isLast ? 1 : 0;
  return input;
}

const abc = { message: bytesOf("616263"), offset: 3n };

test.each([
  [
    "4",
    { ...abc, rounds: 0 },
    "08c9bcf367e6096a3ba7ca8485ae67bb2bf894fe72f36e3cf1361d5f3af54fa5d282e6ad7f520e511f6c3e2b8c68059b9442be0454267ce079217e1319cde05b",
  ],
  [
    "5",
    abc,
    "ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d17d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923",
  ],
  [
    "6",
    { ...abc, isLast: false },
    "75ab69d3190a562c51aef8d88f1c2775876944407270c42c9844252c26d2875298743e7f6d5ea2f2d3e8d226039cd31b4e426ac4f2d3d666a610c2116fde4735",
  ],
  [
    "7",
    { ...abc, rounds: 1 },
    "b63a380cb2897d521994a85234ee2c181b5f844d2c624c002677e9703449d2fba551b3a8333bcdf5f2f7e08993d53923de3d64fcc68c034e717b9293fed7a421",
  ],
])("EVM-01: blake2f gives vector %s of EIP-152", (_, block, expected) => {
  const input = inputOf(block);
  expect(hexOf(blake2f.run(input))).toBe(expected);
  expect(blake2f.gas(input)).toBe(BigInt((block as Block).rounds ?? 12));
});

test("EVM-01: blake2f fails for another length or flag than EIP-152 allows", () => {
  const input = inputOf(abc);
  expect(hexOf(blake2f.run(new Uint8Array(0)))).toBe("fails");
  expect(hexOf(blake2f.run(input.subarray(1)))).toBe("fails");
  expect(hexOf(blake2f.run(Uint8Array.of(0, ...input)))).toBe("fails");
  expect(hexOf(blake2f.run(input.with(212, 2)))).toBe("fails");
});

test("EVM-01: blake2f, block after block, hashes as OpenSSL does", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 600 }), (text) => {
      let state = firstState();
      for (let start = 0; start === 0 || start < text.length; start += 128) {
        const message = text.subarray(start, start + 128);
        const offset = BigInt(start + message.length);
        state = blake2f.run(inputOf({ state, message, offset, isLast: start + 128 >= text.length }))!;
      }
      expect(hexOf(state)).toBe(createHash("blake2b512").update(text).digest("hex"));
    }),
  );
});

test("EVM-01: blake2f fails without a unit of gas for each round, and before it has begun", () => {
  const input = inputOf({ ...abc, rounds: 0xffffffff });
  const call = { from: nobody, to: `0x${"9".padStart(40, "0")}` as const, input };
  expect(engine.call({ ...call, gas: 0xfffffffen })).toMatchObject({ succeeded: false, gasUsed: 0xfffffffen });
});
