import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import type { CallFrame } from "@testudo/core/model/BlockBundle";
import type { Hex } from "@testudo/core/model/Hex";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Capsule } from "./Capsule.ts";
import { gasMax } from "./capsuleTransactionSchema.ts";
import { capsuleFileMax, NotACapsule, NotTransactions, parseCapsule, parseTransactions } from "./parseCapsule.ts";
import { writeCapsule } from "./writeCapsule.ts";

const address = (n: number): Hex => `0x${n.toString(16).padStart(40, "0")}`;
const bytesOf = (json: unknown) => new TextEncoder().encode(JSON.stringify(json));
const plain = {
  format: "testudo-capsule/1",
  name: "small",
  chainId: 1,
  block: { number: 20_000_000, timestamp: 1_717_281_407 },
  accounts: { [address(0xa1)]: { balance: "0x1", nonce: 0, code: "0x", storage: {} } },
};
const withTx = (tx: object) => ({ ...plain, transactions: [{ from: address(1), to: address(2), ...tx }] });

function chainOf(depth: number): CallFrame {
  let frame: CallFrame | undefined;
  for (let i = 0; i < depth; i += 1)
    frame = {
      type: "CALL",
      from: address(1),
      to: address(2),
      value: 1n,
      input: "0x",
      output: "0x",
      calls: frame === undefined ? [] : [frame],
      logs: [],
    };
  return frame!;
}

const bytes = (length: number) =>
  fc.uint8Array({ minLength: length, maxLength: length }).map((b): Hex => `0x${Buffer.from(b).toString("hex")}`);
const words = bytes(32);
const quantities = fc.bigInt(0n, (1n << 256n) - 1n);
const counts = fc.bigInt(0n, (1n << 64n) - 1n);
const optional = { requiredKeys: [] } as { requiredKeys: never[] };
const accounts = fc.array(
  fc.tuple(
    bytes(20),
    fc.record({
      balance: quantities,
      nonce: counts,
      code: fc.constantFrom<Hex | null>("0x", "0x6001", null),
      storage: fc.array(fc.tuple(words, words)).map((slots) => new Map(slots)),
    }),
  ),
);
const logs = fc.array(fc.record({ address: bytes(20), topics: fc.array(words, { maxLength: 4 }), data: bytes(3) }));
const transactions = fc.array(
  fc.record(
    {
      from: bytes(20),
      to: fc.option(bytes(20)),
      value: quantities,
      input: bytes(5),
      gas: fc.bigInt(0n, gasMax),
      hash: words,
      nonce: counts,
      type: fc.nat(4),
      blockNumber: counts,
      maxFeePerGas: quantities,
      maxPriorityFeePerGas: quantities,
      blobVersionedHashes: fc.array(words),
      role: fc.constantFrom("attack", "benign"),
      isImpersonated: fc.constant(true),
      expected: fc.record({ succeeded: fc.boolean(), gasUsed: counts, logs }),
    },
    { requiredKeys: ["from", "to", "value", "input", "gas"] },
  ),
  { maxLength: 10 },
);
const header = fc.record(
  {
    number: counts,
    timestamp: counts,
    baseFeePerGas: quantities,
    gasLimit: counts,
    coinbase: bytes(20),
    prevRandao: words,
  },
  { requiredKeys: ["number", "timestamp", "baseFeePerGas"] },
);
const capsules = fc
  .tuple(
    fc.record({
      name: fc.string({ maxLength: 40 }),
      chainId: fc.integer({ min: 1 }),
      block: header,
      accounts: accounts.map((list) => new Map(list)),
    }),
    fc.record(
      {
        hardfork: fc.constantFrom("cancun", "prague"),
        transactions,
        victim: bytes(20),
        exempt: fc.array(bytes(4), { maxLength: 32 }),
        gaps: fc.array(fc.string()),
      },
      optional,
    ),
  )
  .map(([required, rest]) => ({ ...required, ...rest }) as Capsule);

describe("LAB-01: a capsule", () => {
  test("that is written is read as it was, and gives the same bytes in whatever order it was put together", () => {
    fc.assert(
      fc.property(capsules, (capsule) => {
        const written = writeCapsule(capsule);
        const read = parseCapsule(written, "x");
        expect(read).toEqual(capsule);
        expect(writeCapsule(read)).toEqual(written);
        const turned = { ...capsule, accounts: new Map([...capsule.accounts].reverse()) };
        expect(writeCapsule(turned)).toEqual(written);
      }),
      { numRuns: 30 },
    );
  });

  test("in which gas is left out leaves it out again, and has what its block and the rules allow", () => {
    const gasIn = (rules: object) => {
      const read = parseCapsule(bytesOf({ ...withTx({}), ...rules }), "x");
      expect(JSON.parse(gunzipSync(writeCapsule(read)).toString()).transactions[0].gas).toBeUndefined();
      expect(parseCapsule(writeCapsule(read), "x")).toEqual(read);
      return read.transactions![0]!.gas;
    };
    expect(gasIn({ hardfork: "cancun" })).toBe(30_000_000n);
    expect(gasIn({ hardfork: "osaka" })).toBe(1n << 24n);
    expect(gasIn({ hardfork: "cancun", block: { ...plain.block, gasLimit: "0x4c4b40" } })).toBe(5_000_000n);
  });

  test("says in its file neither when nor on what system it was written", () => {
    const written = writeCapsule(parseCapsule(bytesOf(plain), "x"));
    expect([...written.subarray(4, 8), written[9]]).toEqual([0, 0, 0, 0, 0xff]);
    expect(JSON.parse(gunzipSync(written).toString())).toMatchObject({ ...plain, block: plain.block });
  });

  test("keeps a call tree as deep as calls go", () => {
    const trace = chainOf(1_025);
    const capsule = parseCapsule(bytesOf(withTx({ expected: { status: "0x1", gasUsed: "0x1", logs: [] } })), "x");
    const [tx] = capsule.transactions!;
    const deep = { ...capsule, transactions: [{ ...tx!, expected: { ...tx!.expected!, trace } }] };
    let at: CallFrame | undefined = parseCapsule(writeCapsule(deep), "x").transactions![0]!.expected!.trace;
    for (let depth = 1; depth < 1_025; depth += 1) at = at?.calls[0];
    expect(at).toEqual({ ...chainOf(1) });
  });
});

describe("LAB-04: a capsule is refused, and what is wrong is named,", () => {
  const packed = gzipSync(bytesOf(plain));
  test.each([
    ["truncated", packed.subarray(0, packed.length - 9), /is no JSON/],
    ["damaged", Buffer.from(packed).fill(7, 12, 40), /is no JSON/],
    ["empty", new Uint8Array(), /is no JSON/],
    ["of another version", bytesOf({ ...plain, format: "testudo-capsule/2" }), /format: .*testudo-capsule\/1/],
    ["without a chain", bytesOf({ ...plain, chainId: 0 }), /chainId: /],
    ["with a chain that is no number", bytesOf({ ...plain, chainId: "0x1" }), /chainId: /],
    ["too large", new Uint8Array(capsuleFileMax + 1), /has 67108865 bytes, and at most 67108864 are read/],
    ["that unpacks to more than memory has", gzipSync(Buffer.alloc(300 * 1024 * 1024, 32)), /larger than/],
    ["with more gas than a run may take", bytesOf(withTx({ gas: "0xffffffffff" })), /at most 100000000 gas/],
    [
      "with more gas than all runs may take",
      bytesOf({ ...plain, transactions: Array(21).fill({ from: address(1), to: address(2), gas: "0x5f5e100" }) }),
      /at most 2000000000 gas together/,
    ],
    ["with a nonce above 64 bits", bytesOf(withTx({ nonce: `0x1${"0".repeat(16)}` })), /transactions.0.nonce: /],
    ["with a number that has no end", bytesOf(withTx({ value: `0x${"f".repeat(100)}` })), /transactions.0.value: /],
    [
      "with code above a mebibyte",
      bytesOf({
        ...plain,
        accounts: { [address(1)]: { ...plain.accounts[address(0xa1)], code: `0x${"00".repeat(1_048_577)}` } },
      }),
      /code has at most 1048576 bytes/,
    ],
    ["with two headers of one block", bytesOf({ ...plain, headers: [plain.block, plain.block] }), /stands there twice/],
    [
      "with a call tree that is made up",
      bytesOf(withTx({ expected: { status: "0x1", gasUsed: "0x1", logs: [], trace: JSON.parse(deepJson(1_200)) } })),
      /more than 1100 deep/,
    ],
  ])("error: %s", (_, file, text) => {
    const failed = () => parseCapsule(file, "some.json");
    expect(failed).toThrow(NotACapsule);
    expect(failed).toThrow(text);
    expect(failed).toThrow(/"some.json" is no capsule: /);
  });

  test("error: whatever the bytes are, only its own error comes", () => {
    const anything = fc.oneof(
      fc.uint8Array(),
      fc.uint8Array().map((b) => new Uint8Array(gzipSync(b))),
      fc.json().map((text) => new TextEncoder().encode(text)),
      fc.json().map((text) => bytesOf({ ...plain, accounts: JSON.parse(text) })),
      fc.json().map((text) => bytesOf({ ...plain, transactions: JSON.parse(text) })),
    );
    fc.assert(
      fc.property(anything, (file) => {
        for (const [parse, refusal] of [
          [parseCapsule, NotACapsule],
          [parseTransactions, NotTransactions],
        ] as const)
          try {
            parse(file, "x");
          } catch (error) {
            expect(error).toBeInstanceOf(refusal);
          }
      }),
    );
  });

  test("error: one byte of it changed anywhere gives a capsule or its own error, nothing else", () => {
    fc.assert(
      fc.property(fc.nat(packed.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const damaged = Uint8Array.from(packed);
        damaged[at]! ^= change;
        try {
          // The header of gzip has bytes that mean nothing to us.
          expect(parseCapsule(damaged, "x")).toEqual(parseCapsule(packed, "x"));
        } catch (error) {
          expect(error).toBeInstanceOf(NotACapsule);
        }
      }),
      { numRuns: 500 },
    );
  });
});

function deepJson(depth: number): string {
  const open = `{"type":"CALL","from":"${address(1)}","to":"${address(2)}","calls":[`;
  return `${open.repeat(depth)}${"]}".repeat(depth)}`;
}

describe("LAB-03: transactions beside a capsule", () => {
  test("are one object or a list, with what is left out filled in", () => {
    const one = parseTransactions(bytesOf({ from: address(1), to: address(2) }), "x");
    expect(one).toEqual(parseTransactions(bytesOf([{ from: address(1), to: address(2) }]), "x"));
    expect(one).toMatchInlineSnapshot(`
      [
        {
          "from": "0x0000000000000000000000000000000000000001",
          "gas": 30000000n,
          "input": "0x",
          "isGasLeftOut": true,
          "to": "0x0000000000000000000000000000000000000002",
          "value": 0n,
        },
      ]
    `);
  });

  test("take `data` for `input`, as JSON-RPC does, and both where they say the same", () => {
    const told = (fields: object) => parseTransactions(bytesOf({ from: address(1), to: address(2), ...fields }), "x");
    expect(told({ data: "0x12AB" })).toEqual(told({ input: "0x12ab" }));
    expect(told({ data: "0x12AB", input: "0x12ab" })).toEqual(told({ input: "0x12ab" }));
  });

  test.each([
    ["a call with two inputs", { input: "0x12", data: "0x13" }, /0.data: it is another than input/],
    ["gas by another name", { gasLimit: "0x5208" }, /0: a transaction has no "gasLimit"/],
    ["two misspelt fields", { inputs: "0x12", Value: "0x1" }, /has no "inputs" and no "Value"/],
  ])("error: %s", (_, fields, text) => {
    const failed = () => parseTransactions(bytesOf([{ from: address(1), to: address(2), ...fields }]), "txs.json");
    expect(failed).toThrow(NotTransactions);
    expect(failed).toThrow(text);
  });

  test.each([
    ["an empty list", [], /the list is empty/],
    ["no sender", [{ to: address(1) }], /0.from: /],
    ["a sender that is no address", [{ from: "0x12" }], /0.from: an address has 20 bytes/],
  ])("error: %s", (_, json, text) => {
    const failed = () => parseTransactions(bytesOf(json), "txs.json");
    expect(failed).toThrow(NotTransactions);
    expect(failed).toThrow(text);
  });
});

const folder = join(process.env.TESTUDO_DATA ?? "", "incidents");
const isSkipped = process.env.TESTUDO_DATA === undefined || !existsSync(folder);
describe.skipIf(isSkipped)("recorded incidents (set TESTUDO_DATA to run)", () => {
  test.each(isSkipped ? [] : readdirSync(folder).filter((name) => /^\d.*\d{2}-.*\.json\.gz$/.test(name)))(
    "LAB-01: %s is written as it was read",
    (name) => {
      const capsule = parseCapsule(readFileSync(join(folder, name)), name);
      expect(capsule.accounts.size).toBeGreaterThan(5);
      expect(parseCapsule(writeCapsule(capsule), name)).toEqual(capsule);
    },
  );
});
