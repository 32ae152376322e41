// Vectors: github.com/ethereum/EIPs, assets/eip-2537.
import { bls12_381 } from "@noble/curves/bls12-381.js";
import fc from "fast-check";
import { expect, test } from "vitest";
import { blsG1Add, blsG2Add } from "./blsAdd.ts";
import { blsMapFp2ToG2, blsMapFpToG1 } from "./blsMap.ts";
import { blsG1Msm, blsG2Msm } from "./blsMsm.ts";
import { blsPairingCheck } from "./blsPairingCheck.ts";
import { bytesOf, hexOf, join, numbers, scalars } from "./bytes.testkit.ts";
import { blsG1, blsG2, blsOrder as n, blsPrime as p } from "./curves.testkit.ts";
import type { Precompile } from "./Precompile.ts";

const run = (precompile: Precompile, ...parts: readonly Uint8Array[]) => hexOf(precompile.run(join(...parts)));
const one = "1".padStart(64, "0");
const zero = "0".repeat(64);
// On the curve and outside the subgroup: of the vectors that have to fail.
const outsideG1 = bytesOf(`
  000000000000000000000000000000000123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
  00000000000000000000000000000000193fb7cedb32b2c3adc06ec11a96bc0d661869316f5e4a577a9f7c179593987beb4fb2ee424dbb2f5dd891e228b46c4a`);
const outsideG2 = pointOutsideG2();
// The points p1 and p2 of the vectors.
const p1 = bytesOf(`
  00000000000000000000000000000000112b98340eee2777cc3c14163dea3ec97977ac3dc5c70da32e6e87578f44912e902ccef9efe28d4a78b8999dfbca9426
  00000000000000000000000000000000186b28d92356c4dfec4b5201ad099dbdede3781f8998ddf929b4cd7756192185ca7b8f4ef7088f813270ac3d48868a21`);
const p2 = bytesOf(`
  00000000000000000000000000000000103121a2ceaae586d240843a398967325f8eb5a93e8fea99b62b9f88d8556c80dd726a4b30e84a36eeabaf3592937f27
  00000000000000000000000000000000086b990f3da2aeac0a36143b7d7c824428215140db1bb859338764cb58458f081d92664f9053b50b3fbd2e4723121b68
  000000000000000000000000000000000f9e7ba9a86a8f7624aa2b42dcc8772e1af4ae115685e60abc2c9b90242167acef3d0be4050bf935eed7c3b6fc7ba77e
  000000000000000000000000000000000d22c3652d0dc6f0fc9316e14268477c2049ef772e852108d269d9c38dba1d4802e8dae479818184c08f9a569d878451`);
const twoGeneratorAndTwoP2 = bytesOf(`
  00000000000000000000000000000000009cc9ed6635623ba19b340cbc1b0eb05c3a58770623986bb7e041645175b0a38d663d929afb9a949f7524656043bccc
  000000000000000000000000000000000c0fb19d3f083fd5641d22a861a11979da258003f888c59c33005cb4a2df4df9e5a2868832063ac289dfa3e997f21f8a
  00000000000000000000000000000000168bf7d87cef37cf1707849e0a6708cb856846f5392d205ae7418dd94d94ef6c8aa5b424af2e99d957567654b9dae1d9
  0000000000000000000000000000000017e0fa3c3b2665d52c26c7d4cea9f35443f4f9007840384163d3aa3c7d4d18b21b65ff4380cf3f3b48e94b5eecb221dd`);

test("EVM-01: sums over BLS12-381 give the EIP's vectors", () => {
  const two = numbers(32, 2n);
  expect(run(blsG2Msm, blsG2(1n), two, p2, two)).toBe(hexOf(twoGeneratorAndTwoP2));
  const sum = blsG2Add.run(join(blsG2(1n), p2))!;
  expect(run(blsG2Add, sum, sum)).toBe(hexOf(twoGeneratorAndTwoP2));
  expect(run(blsG2Msm, p2, numbers(32, 1n))).toBe(hexOf(p2));
  expect(run(blsG1Msm, p1, numbers(32, 1n))).toBe(hexOf(p1));
});

test.each([
  [
    "156c8a6a2c184569d69a76be144b5cdc5141d2d2ca4fe341f011e25e3969c55ad9e9b9ce2eb833c81a908e5fa4ac5f03",
    "184bb665c37ff561a89ec2122dd343f20e0f4cbcaec84e3c3052ea81d1834e192c426074b02ed3dca4e7676ce4ce48ba",
    "04407b8d35af4dacc809927071fc0405218f1401a6d15af775810e4e460064bcc9468beeba82fdc751be70476c888bf3",
  ],
  [
    "0dd824886d2123a96447f6c56e3a3fa992fbfefdba17b6673f9f630ff19e4d326529db37e1c1be43f905bf9202e0278d",
    "0e7a16a975904f131682edbb03d9560d3e48214c9986bd50417a77108d13dc957500edf96462a3d01e62dc6cd468ef11",
    "0ae89e677711d05c30a48d6d75e76ca9fb70fe06c6dd6ff988683d89ccde29ac7d46c53bb97a59b1901abf1db66052db",
  ],
])("EVM-01: blsMapFpToG1 gives the EIP's vector of %s", (element, x, y) => {
  const point = numbers(64, BigInt(`0x${x}`), BigInt(`0x${y}`));
  expect(run(blsMapFpToG1, numbers(64, BigInt(`0x${element}`)))).toBe(hexOf(point));
});

test("EVM-01: blsMapFp2ToG2 gives the EIP's vector", () => {
  const element = bytesOf(`
    0000000000000000000000000000000007355d25caf6e7f2f0cb2812ca0e513bd026ed09dda65b177500fa31714e09ea0ded3a078b526bed3307f804d4b93b04
    0000000000000000000000000000000002829ce3c021339ccb5caf3e187f6370e1e2a311dec9b75363117063ab2015603ff52c3d3b98f19c2f65575e99e8b78c`);
  const point = bytesOf(`
    0000000000000000000000000000000000e7f4568a82b4b7dc1f14c6aaa055edf51502319c723c4dc2688c7fe5944c213f510328082396515734b6612c4e7bb7
    00000000000000000000000000000000126b855e9e69b1f691f816e48ac6977664d24d99f8724868a184186469ddfd4617367e94527d4b74fc86413483afb35b
    000000000000000000000000000000000caead0fd7b6176c01436833c79d305c78be307da5f6af6c133c47311def6ff1e0babf57a0fb5539fce7ee12407b0a42
    000000000000000000000000000000001498aadcf7ae2b345243e281ae076df6de84455d766ab6fcdaad71fab60abb2e8b980a440043cd305db09d283c895e3d`);
  expect(run(blsMapFp2ToG2, element)).toBe(hexOf(point));
});

test("EVM-01: sums of products over BLS12-381 are linear in their scalars, of whatever size", () => {
  const terms = fc.array(fc.tuple(scalars(n), scalars(n)), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(terms, (list) => {
      const sum = list.reduce((total, [k, scalar]) => total + k * scalar, 0n);
      const inG1 = list.flatMap(([k, scalar]) => [blsG1(k), numbers(32, scalar)]);
      const inG2 = list.flatMap(([k, scalar]) => [blsG2(k), numbers(32, scalar)]);
      expect(run(blsG1Msm, ...inG1)).toBe(hexOf(blsG1(sum)));
      expect(run(blsG2Msm, ...inG2)).toBe(hexOf(blsG2(sum)));
    }),
    { numRuns: 10 },
  );
});

test("EVM-01: a sum of many products over BLS12-381 is what their order does not matter for", () => {
  const list = Array.from({ length: 40 }, (_, i) => [blsG1(BigInt(i)), numbers(32, (n * BigInt(i)) / 41n)] as const);
  const sum = list.reduce((total, _, i) => total + BigInt(i) * ((n * BigInt(i)) / 41n), 0n);
  expect(run(blsG1Msm, ...list.flat())).toBe(hexOf(blsG1(sum)));
});

test("EVM-01: the pairing of BLS12-381 is bilinear, and a pair with infinity is a factor of one", () => {
  const scalar = fc.bigInt({ min: 0n, max: n - 1n });
  fc.assert(
    fc.property(fc.array(fc.tuple(scalar, scalar), { maxLength: 2 }), fc.boolean(), (pairs, isOff) => {
      const sum = pairs.reduce((total, [a, b]) => total + a * b, isOff ? 1n : 0n);
      const parts = [...pairs, [-sum, 1n] as const].flatMap(([a, b]) => [blsG1(a), blsG2(b)]);
      expect(run(blsPairingCheck, ...parts)).toBe(isOff ? zero : one);
    }),
    { numRuns: 6 },
  );
  expect(run(blsPairingCheck, blsG1(0n), blsG2(3n), blsG1(3n), blsG2(0n))).toBe(one);
});

test("EVM-01: addition asks for the curve alone, all else for the subgroup, even times zero or beside infinity", () => {
  const none = numbers(32, 0n);
  expect(run(blsG1Add, outsideG1, blsG1(0n))).toBe(hexOf(outsideG1));
  expect(run(blsG2Add, outsideG2, blsG2(0n))).toBe(hexOf(outsideG2));
  expect(run(blsG1Msm, outsideG1, none)).toBe("fails");
  expect(run(blsG2Msm, outsideG2, none)).toBe("fails");
  expect(run(blsPairingCheck, outsideG1, blsG2(0n))).toBe("fails");
  expect(run(blsPairingCheck, blsG1(0n), outsideG2)).toBe("fails");
});

test.each([
  ["not on the curve", numbers(64, 1n, 1n), numbers(64, 1n, 1n, 1n, 1n)],
  ["zero in one coordinate", numbers(64, 0n, 1n), numbers(64, 0n, 0n, 0n, 1n)],
  ["not below the field's order", numbers(64, p, 0n), numbers(64, 0n, p, 0n, 0n)],
  ["with a high byte set", blsG1(1n).with(0, 16), blsG2(1n).with(64, 16)],
])("EVM-01: calls of BLS12-381 fail for a point that is %s", (_, first, second) => {
  const none = numbers(32, 0n);
  expect(run(blsG1Add, first, blsG1(0n))).toBe("fails");
  expect(run(blsG1Add, blsG1(0n), first)).toBe("fails");
  expect(run(blsG2Add, second, blsG2(0n))).toBe("fails");
  expect(run(blsG1Msm, first, none)).toBe("fails");
  expect(run(blsG2Msm, second, none)).toBe("fails");
  expect(run(blsPairingCheck, first, blsG2(0n))).toBe("fails");
  expect(run(blsPairingCheck, blsG1(0n), second)).toBe("fails");
});

test("EVM-01: maps of BLS12-381 fail for what is no element of the field", () => {
  expect(run(blsMapFpToG1, numbers(64, p))).toBe("fails");
  expect(run(blsMapFp2ToG2, numbers(64, 1n, p))).toBe("fails");
  expect(run(blsMapFp2ToG2, numbers(64, p, 1n))).toBe("fails");
});

test.each([
  [blsG1Add, 256],
  [blsG2Add, 512],
  [blsG1Msm, 160],
  [blsG2Msm, 288],
  [blsPairingCheck, 384],
  [blsMapFpToG1, 64],
  [blsMapFp2ToG2, 128],
])("EVM-01: $name fails for an empty input and for one that is a byte short or long", (precompile, length) => {
  expect(hexOf(precompile.run(new Uint8Array(length)))).not.toBe("fails");
  for (const wrong of [0, length - 1, length + 1]) expect(hexOf(precompile.run(new Uint8Array(wrong)))).toBe("fails");
});

function pointOutsideG2(): Uint8Array {
  const { Fp2 } = bls12_381.fields;
  const { b } = bls12_381.G2.Point.CURVE();
  for (let i = 1n; ; i++) {
    const x = Fp2.fromBigTuple([i, 1n]);
    try {
      const y = Fp2.sqrt(Fp2.add(Fp2.mul(Fp2.sqr(x), x), b));
      return numbers(64, x.c0, x.c1, y.c0, y.c1);
    } catch {}
  }
}
