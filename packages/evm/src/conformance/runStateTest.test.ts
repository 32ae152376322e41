import { eoaCode7702SignAuthorization } from "@ethereumjs/util";
import { describe, expect, test } from "vitest";
import { logsHash } from "./logsHash.ts";
import { openPeerEngine } from "./openPeerEngine.testkit.ts";
import { parseStateTest } from "./parseStateTest.ts";
import { runStateTest } from "./runStateTest.ts";
import type { StateTestEngine } from "./StateTestEngine.ts";
import {
  account,
  after,
  before,
  classicTransfer,
  coinbase,
  expecting,
  secretKey,
  sender,
  target,
  toHex,
} from "./transferTest.testkit.ts";

const refused = { expectException: "TransactionException.ANY" };

async function verdict(json: object, index = 0, engine: StateTestEngine = openPeerEngine()) {
  const test = parseStateTest("t", json);
  const expected = test.cases[index]!;
  return runStateTest(test, expected, expected.fork === "Prague" ? "prague" : "cancun", engine);
}

const cancun = (...posts: object[]) => ({ Cancun: posts });

describe("EVM-02: a case passes by its state root and logs", () => {
  test.each([0, 1])("behavior: the transfer of variant %i ends in the state worked out by hand", async (index) => {
    expect(await verdict(classicTransfer(), index)).toBeUndefined();
  });

  test("behavior: another state fails it, with both roots", async () => {
    const why = await verdict(classicTransfer({ post: cancun(expecting(after(2n))) }));
    expect(why).toMatch(/^state root is 0x[0-9a-f]{64}, expected 0x[0-9a-f]{64}$/);
  });

  test("behavior: other logs fail it", async () => {
    const post = cancun(expecting(after(1n), { logs: `0x${"11".repeat(32)}` }));
    expect(await verdict(classicTransfer({ post }))).toContain("logs hash is");
  });

  test("behavior: logs are hashed as address, topics and data", async () => {
    // LOG1 of one byte of memory, topic 5.
    const code = Uint8Array.from(Buffer.from("60ff5f53600560015fa100", "hex"));
    const word = Uint8Array.from(Buffer.from("5".padStart(64, "0"), "hex"));
    const logs = toHex(logsHash([{ address: target, topics: [word], data: Uint8Array.of(0xff) }]));
    const gasUsed = 21_000n + 3n + 2n + 6n + 3n + 3n + 2n + 375n + 375n + 8n;
    const post = new Map([
      [sender, account({ balance: 10n ** 18n - gasUsed * 10n - 1n, nonce: 8n })],
      [target, account({ balance: 1n, code })],
      [coinbase, account({ balance: gasUsed * 3n })],
    ]);
    const json = classicTransfer({
      transaction: { gasLimit: ["0x0186a0"] },
      post: cancun(expecting(post, { logs })),
    });
    const pre = { ...json.pre, [target]: { balance: "0x00", nonce: "0x00", code: toHex(code), storage: {} } };
    expect(await verdict({ ...json, pre })).toBeUndefined();
  });

  test("behavior: what the engine throws is a failure of the case", async () => {
    const engine = {
      runTransaction: () => {
        throw new RangeError("out of memory");
      },
    };
    expect(await verdict(classicTransfer(), 0, engine)).toBe("the engine threw RangeError: out of memory");
  });
});

describe("EVM-02: a transaction that is to be refused", () => {
  test("behavior: is refused, and leaves the state as it was", async () => {
    const post = cancun(expecting(before, refused));
    expect(await verdict(classicTransfer({ transaction: { nonce: "0x08" }, post }))).toBeUndefined();
  });

  test("behavior: fails where it runs", async () => {
    const post = cancun(expecting(after(1n), refused));
    expect(await verdict(classicTransfer({ post }))).toBe("the transaction ran, expected TransactionException.ANY");
  });

  test("behavior: a refusal that nobody expects fails", async () => {
    const json = classicTransfer({ transaction: { nonce: "0x08" } });
    expect(await verdict(json)).toMatch(/^the transaction was refused: /);
  });

  test.each<[string, object]>([
    ["value", { value: [`0x:bigint 0x1${"0".repeat(64)}`, "0x00"] }],
    ["gas", { gasLimit: [`0x:bigint 0x1${"0".repeat(16)}`] }],
    ["nonce", { nonce: `0x:bigint 0x1${"0".repeat(16)}` }],
  ])("behavior: a %s that fits no field never reaches the engine", async (_, transaction) => {
    const engine = {
      runTransaction: () => {
        throw new RangeError("reached");
      },
    };
    const post = cancun(expecting(before, refused));
    expect(await verdict(classicTransfer({ transaction, post }), 0, engine)).toBeUndefined();
  });

  test("behavior: still touches the coinbase, so that an empty one goes", async () => {
    const post = cancun(expecting(before, refused));
    const json = classicTransfer({ transaction: { nonce: "0x08" }, post });
    const pre = { ...json.pre, [coinbase]: { balance: "0x00", nonce: "0x00", code: "0x", storage: {} } };
    expect(await verdict({ ...json, pre })).toBeUndefined();
  });
});

test("EVM-02: the suite's hash of a block is that of its number in decimal digits", async () => {
  let asked: ((number: bigint) => Uint8Array) | undefined;
  const engine: StateTestEngine = {
    runTransaction: (run) => {
      asked = run.blockHash;
      return openPeerEngine().runTransaction(run);
    },
  };
  await verdict(classicTransfer(), 0, engine);
  // keccak256("0") as every client's runner has it.
  expect(toHex(asked!(0n))).toBe("0x044852b2a670ade5407e78fb2863c51de9fcb96542a07186fe3aeda6bb8a116d");
});

test("EVM-02: a delegation of Prague is given on with the authority that signed it", async () => {
  const key = Uint8Array.from(Buffer.from(secretKey.slice(2), "hex"));
  const unsigned = { chainId: "0x01", address: target as `0x${string}`, nonce: "0x08" } as const;
  const [, , , yParity, r, s] = eoaCode7702SignAuthorization(unsigned, key) as unknown as Uint8Array[];
  const entry = { ...unsigned, v: toHex(yParity!), r: toHex(r!), s: toHex(s!), signer: sender };
  // 21,000 and 25,000 for the entry, of which 12,500 come back for an account that exists, up to a fifth of all.
  const gasUsed = 46_000n - 46_000n / 5n;
  const post = new Map([
    [
      sender,
      account({
        balance: 10n ** 18n - gasUsed * 10n - 1n,
        nonce: 9n,
        code: Uint8Array.from(Buffer.from(`ef0100${target.slice(2)}`, "hex")),
      }),
    ],
    [target, account({ balance: 1n })],
    [coinbase, account({ balance: gasUsed * 3n })],
  ]);
  const fees = { gasPrice: undefined, maxFeePerGas: "0x0a", maxPriorityFeePerGas: "0x03", accessLists: [[]] };
  const transaction = { ...fees, gasLimit: ["0x0186a0"], authorizationList: [entry] };
  const json = classicTransfer({ transaction, post: { Prague: [expecting(post)] } });
  expect(await verdict({ ...json, config: { chainid: "0x01" } })).toBeUndefined();
});
