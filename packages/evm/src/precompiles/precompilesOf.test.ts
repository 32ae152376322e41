import { Common, type Hardfork, Mainnet } from "@ethereumjs/common";
import { createEVM, type EVM } from "@ethereumjs/evm";
import { Address as PeerAddress } from "@ethereumjs/util";
import { p256 } from "@noble/curves/nist.js";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type Fork, forkNames } from "../fork.ts";
import { type Address, toAddress } from "../hex.ts";
import { openEngine } from "../openEngine.ts";
import { hexOf, join, numbers, scalars } from "./bytes.testkit.ts";
import { blsG1, blsG2, blsOrder, bn254G1, bn254G2, bn254Order } from "./curves.testkit.ts";
import { precompilesOf } from "./precompilesOf.ts";

const gasLimit = 1n << 40n;
// Those that are part of the WebAssembly itself.
const built = [4, 9];
const nobody: Address = `0x${"0".repeat(40)}`;
const anyBlock = {
  number: 1n,
  timestamp: 1n,
  gasLimit,
  baseFeePerGas: 0n,
  coinbase: nobody,
  prevRandao: 0n,
  excessBlobGas: 0n,
};
const word = scalars(bn254Order);
const blsWord = scalars(blsOrder);
const small = fc.bigInt({ min: 0n, max: 40n });

function made(build: (...values: bigint[]) => Uint8Array, ...parts: fc.Arbitrary<bigint>[]): fc.Arbitrary<Uint8Array> {
  return fc.tuple(...parts).map((values) => build(...values));
}

// Inputs that get past the first checks, by address; each is also cut, lengthened and changed in one byte.
const valid: Readonly<Record<number, fc.Arbitrary<Uint8Array>>> = {
  1: made((hash, v, r, s) => numbers(32, hash, 27n + (v % 3n), r, s), word, small, word, word),
  5: fc
    .tuple(small, small, small, fc.uint8Array({ maxLength: 130 }))
    .map(([b, e, m, rest]) => join(numbers(32, b, e, m), rest)),
  6: made((a, b) => join(bn254G1(a), bn254G1(b)), word, word),
  7: made((a, b) => join(bn254G1(a), numbers(32, b)), word, word),
  8: made((a, b) => join(bn254G1(a), bn254G2(b), bn254G1(-a), bn254G2(b)), word, word),
  9: fc
    .tuple(fc.uint8Array({ minLength: 212, maxLength: 212 }), fc.nat(2))
    .map(([bytes, last]) => Uint8Array.of(0, 0, ...bytes.subarray(2), last)),
  11: made((a, b) => join(blsG1(a), blsG1(b)), blsWord, blsWord),
  12: made((a, b, c) => join(blsG1(a), numbers(32, b), blsG1(c), numbers(32, a)), blsWord, blsWord, blsWord),
  13: made((a, b) => join(blsG2(a), blsG2(b)), blsWord, blsWord),
  14: made((a, b) => join(blsG2(a), numbers(32, b)), blsWord, blsWord),
  15: made((a, b) => join(blsG1(a), blsG2(b), blsG1(-a), blsG2(b)), blsWord, blsWord),
  16: made((a) => numbers(64, a), blsWord),
  17: made((a, b) => numbers(64, a, b), blsWord, blsWord),
};
const anyBytes = fc.uint8Array({ maxLength: 400 });

function inputsOf(address: number): fc.Arbitrary<Uint8Array> {
  const inputs = changed(valid[address] ?? anyBytes);
  return address === 5 ? inputs.filter(isPayable) : inputs;
}

/** Lengths beyond these cost more than any block has: ours refuses them, and the peer, given gas without end, does not. */
function isPayable(input: Uint8Array): boolean {
  const [base, exponent, modulus] = [0, 32, 64].map((at) =>
    BigInt(`0x0${hexOf(input.subarray(at, at + 32)).padEnd(64, "0")}`),
  );
  return base! <= 1n << 19n && exponent! <= 1n << 26n && modulus! <= 1n << 19n;
}

function changed(input: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Uint8Array> {
  const cut = fc.tuple(input, fc.nat(64)).map(([bytes, count]) => bytes.subarray(0, Math.max(bytes.length - count, 0)));
  const spoilt = fc
    .tuple(input, fc.nat(), fc.nat(255))
    .map(([bytes, at, byte]) => (bytes.length === 0 ? bytes : bytes.with(at % bytes.length, byte)));
  const longer = fc.tuple(input, fc.uint8Array({ maxLength: 40 })).map(([bytes, more]) => join(bytes, more));
  return fc.oneof(input, input, cut, spoilt, longer, anyBytes);
}

async function openPeer(fork: Fork): Promise<EVM> {
  return createEVM({ common: new Common({ chain: Mainnet, hardfork: fork as Hardfork }) });
}

async function peerSays(evm: EVM, address: number, data: Uint8Array): Promise<string> {
  const to = new PeerAddress(numbers(20, BigInt(address)));
  const { execResult } = await evm.runCall({ to, data, gasLimit });
  if (execResult.exceptionError !== undefined) return "fails";
  return `${execResult.executionGasUsed} ${hexOf(execResult.returnValue)}`;
}

async function openOurs(fork: Fork): Promise<(address: number, data: Uint8Array) => string> {
  const engine = await openEngine({ fork, chainId: 1n, block: anyBlock });
  return (address, input) => {
    const { succeeded, gasUsed, output } = engine.call({
      from: nobody,
      to: toAddress(BigInt(address)),
      input,
      gas: gasLimit,
    });
    return succeeded ? `${gasUsed} ${hexOf(output)}` : "fails";
  };
}

test.each(forkNames)("EVM-01: %s has the precompiled contracts that another implementation has", async (fork) => {
  const { precompiles } = await openPeer(fork);
  const addresses = [...precompiles.keys()].map((address) => Number(`0x${address}`));
  const byNumber = (a: number, b: number) => a - b;
  expect([...precompilesOf(fork).keys(), ...built].sort(byNumber)).toEqual(addresses.sort(byNumber));
});

// The peer has no proofs of blobs of its own: address 10 has vectors in a test beside it.
const compared = [...precompilesOf("prague").keys(), ...built].filter((address) => address !== 10);
test.each(compared)(
  "EVM-01: the contract at %i gives the outputs and the gas of another implementation",
  async (address) => {
    const [evm, weSay] = [await openPeer("prague"), await openOurs("prague")];
    await fc.assert(
      fc.asyncProperty(inputsOf(address), async (input) => {
        expect(weSay(address, input)).toBe(await peerSays(evm, address, input));
      }),
      { numRuns: address < 8 ? 60 : 12 },
    );
  },
);

test.each([5, 0x100])("EVM-01: from Osaka on the contract at %i does too", async (address) => {
  const [evm, weSay] = [await openPeer("osaka"), await openOurs("osaka")];
  const { secretKey, publicKey } = p256.keygen();
  const signature = fc.tuple(fc.uint8Array({ minLength: 32, maxLength: 32 }), fc.boolean()).map(([hash, isHigh]) => {
    const { r, s } = p256.Signature.fromBytes(p256.sign(hash, secretKey, { prehash: false }));
    const order = p256.Point.CURVE().n;
    return join(hash, numbers(32, r, isHigh ? order - s : s), p256.Point.fromBytes(publicKey).toBytes(false).slice(1));
  });
  const inputs = address === 5 ? inputsOf(5) : fc.oneof(signature, signature, changed(signature), anyBytes);
  await fc.assert(
    fc.asyncProperty(inputs, async (input) => {
      expect(weSay(address, input)).toBe(await peerSays(evm, address, input));
    }),
    { numRuns: 60 },
  );
});

test("EVM-01: from Osaka on modexp takes no number of more than 1,024 bytes", async () => {
  const [evm, weSay] = [await openPeer("osaka"), await openOurs("osaka")];
  for (const [base, exponent, modulus] of [
    [1024n, 1n, 1024n],
    [1025n, 1n, 1n],
    [1n, 1025n, 1n],
    [1n, 1n, 1025n],
    [1025n, 0n, 0n],
    [0n, 0n, 0n],
    [33n, 40n, 32n],
  ] as const) {
    const input = join(numbers(32, base, exponent, modulus), new Uint8Array(3000).fill(7));
    expect(weSay(5, input)).toBe(await peerSays(evm, 5, input));
  }
});

test("EVM-01: a sum of products over BLS12-381 costs what it costs elsewhere, of whatever length", async () => {
  const [evm, weSay] = [await openPeer("prague"), await openOurs("prague")];
  for (const [address, step] of [
    [12, 160],
    [14, 288],
  ] as const)
    for (const count of [1, 2, 3, 64, 128, 129, 200]) {
      const input = new Uint8Array(count * step);
      expect(weSay(address, input)).toBe(await peerSays(evm, address, input));
    }
});
