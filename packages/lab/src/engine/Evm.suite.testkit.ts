// What every engine behind the seam has to do. `describeEvm` is called by the test of each.
import { eoaCode7702SignAuthorization } from "@ethereumjs/util";
import { logsOf, walk } from "@testudo/core/model/CallTree";
import {
  EngineBusy,
  type Evm,
  type EvmBlock,
  type EvmTransaction,
  MarkGone,
  type OpenEvm,
} from "@testudo/core/model/Evm";
import type { Address, Hex } from "@testudo/core/model/Hex";
import { addressOfKey } from "@testudo/evm/recoverAuthority";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fromHex, toHex } from "../record/bytes.ts";
import { type RecordedAccount, recordedState } from "../record/recordedState.ts";

const block: EvmBlock = {
  chainId: 1,
  number: 20_000_000n,
  timestamp: 1_717_281_407n,
  baseFeePerGas: 7n,
  gasLimit: 30_000_000n,
  coinbase: `0x${"c0".repeat(20)}`,
  prevRandao: `0x${"01".repeat(32)}`,
};
const alice: Address = `0x${"a1".repeat(20)}`;
const poor: Address = `0x${"b0".repeat(20)}`;
const counter: Address = `0x${"d1".repeat(20)}`;
const caller: Address = `0x${"d2".repeat(20)}`;
const missing: Address = `0x${"d3".repeat(20)}`;
const asker: Address = `0x${"d4".repeat(20)}`;
const loop: Address = `0x${"d5".repeat(20)}`;
const stray: Address = `0x${"d6".repeat(20)}`;
const word = (n: bigint | number): Hex => `0x${BigInt(n).toString(16).padStart(64, "0")}`;
const account = (code: Hex | null, balance = 0n, storage: [Hex, Hex][] = []): RecordedAccount => ({
  balance,
  nonce: 0n,
  code,
  storage: new Map(storage),
});

// Adds one to slot 0 and returns it. With any calldata it does not add: a view.
const counterCode: Hex = "0x36600e57600160005401600055005b60005460005260206000f3";
// Calls the address in calldata with all gas and no input, and stores whether that went well in slot 0.
const callerCode: Hex = "0x600060006000600060006000355af1600055";
// Puts EXTCODESIZE of the address in calldata into slot 0.
const askerCode: Hex = "0x6000353b600055";

// A creation that makes nothing. Development nodes do not take one without any code.
const stop: Hex = "0x00";

const accounts = () =>
  new Map<Address, RecordedAccount>([
    [alice, account("0x", 10n ** 18n)],
    [poor, account("0x", 1n)],
    [counter, account(counterCode, 0n, [[word(0), word(41)]])],
    [caller, account(callerCode, 0n, [[word(0), word(0)]])],
    [asker, account(askerCode, 0n, [[word(0), word(0)]])],
    [missing, { ...account(null), codeHash: word(1) }],
    [loop, account("0x5b600056")],
    // Loads slot 7.
    [stray, account("0x60075400", 10n ** 18n)],
  ]);

const send = (to: Address | null, input: Hex = "0x", more: Partial<EvmTransaction> = {}): EvmTransaction => ({
  from: alice,
  to,
  value: 0n,
  input,
  gas: 200_000n,
  ...more,
});
const count = async (evm: Evm, mark?: number) => {
  const answer = await evm.read({ kind: "call", to: counter, data: "0x01" }, mark);
  return answer.ok ? BigInt(answer.value) : answer.error;
};

/** What an engine behind the seam cannot do, each with the reason; its test is skipped and says so. */
export interface EngineLacks {
  /** PREVRANDAO of a block is what was asked for. */
  readonly randao?: string;
  /** A transaction may be sent in a contract's name. */
  readonly impersonation?: string;
}

/** Tests of the engine that `openEvm` opens. */
export function describeEvm(openEvm: OpenEvm, lacks: EngineLacks = {}): void {
  const openOn = (): Promise<Evm> => openEvm(recordedState({ accounts: accounts(), absentSlots: "missing" }), block);

  describe("ENGINE-02: a run", () => {
    test("keeps what it wrote, pays its gas and uses the nonce", async () => {
      const evm = await openOn();
      const before = BigInt(((await evm.read({ kind: "balance", address: alice })) as { value: Hex }).value);
      const outcome = await evm.run(send(counter));
      expect(outcome).toMatchObject({ kind: "ran", succeeded: true });
      expect(await count(evm)).toBe(42n);
      const after = BigInt(((await evm.read({ kind: "balance", address: alice })) as { value: Hex }).value);
      expect(before - after).toBe((outcome as { gasUsed: bigint }).gasUsed * 7n);
      // The address of a creation tells the nonce: this is the second transaction.
      const made = await evm.run(send(null, stop));
      const first = await (await openOn()).run(send(null, stop, { nonce: 1n }));
      expect((made as { trace: { to: Hex } }).trace.to).toBe((first as { trace: { to: Hex } }).trace.to);
    });

    test("that fails has run: its writes are gone, its gas is paid", async () => {
      const evm = await openOn();
      const outcome = await evm.run(send(loop));
      expect(outcome).toMatchObject({
        kind: "ran",
        succeeded: false,
        gasUsed: 200_000n,
        trace: { error: "out of gas" },
      });
    });

    test.skipIf(lacks.impersonation)(
      `in a contract's name${lacks.impersonation ? ` (${lacks.impersonation})` : ""} uses its nonce and its ether`,
      async () => {
        const evm = await openOn();
        const outcome = await evm.run(send(counter, "0x", { from: stray, isImpersonated: true }));
        expect(outcome).toMatchObject({ kind: "ran", succeeded: true, trace: { from: stray, to: counter } });
        expect(await count(evm)).toBe(42n);
        const left = (await evm.read({ kind: "balance", address: stray })) as { value: Hex };
        expect(10n ** 18n - BigInt(left.value)).toBe((outcome as { gasUsed: bigint }).gasUsed * 7n);
        expect(await evm.run(send(counter, "0x", { from: stray }))).toMatchObject({
          kind: "refused",
          reason: "invalid",
        });
      },
    );

    test("with the two fees of EIP-1559 pays base fee and tip, the tip to the coinbase", async () => {
      const evm = await openOn();
      const outcome = await evm.run(send(counter, "0x", { maxFeePerGas: 100n, maxPriorityFeePerGas: 3n }));
      const tip = (await evm.read({ kind: "balance", address: block.coinbase })) as { value: Hex };
      expect(BigInt(tip.value)).toBe((outcome as { gasUsed: bigint }).gasUsed * 3n);
    });
  });

  describe("ENGINE-03: a run is refused, leaves no write and uses the nonce where", () => {
    test.each([
      ["it enters code that is not known", send(missing), "missing-code"],
      ["a call of it does", send(caller, word(BigInt(missing))), "missing-code"],
      ["it reads a slot that was not recorded", send(stray), "missing-state"],
      ["its sender cannot pay", send(counter, "0x", { from: poor }), "unfunded"],
      ["its fee is below the base fee", send(counter, "0x", { gasPrice: 1n }), "invalid"],
      ["its gas does not cover its own bytes", send(counter, "0x", { gas: 100n }), "invalid"],
      ["its sender is a contract", send(counter, "0x", { from: stray }), "invalid"],
    ] as const)("%s", async (_, tx, reason) => {
      const evm = await openOn();
      const outcome = await evm.run(tx);
      expect(outcome).toMatchObject({ kind: "refused", reason });
      expect(await count(evm)).toBe(41n);
      const made = await evm.run(send(null, stop));
      const expected = await (await openOn()).run(send(null, stop, { nonce: tx.from === alice ? 1n : 0n }));
      expect(made).toMatchObject({ kind: "ran", trace: { to: (expected as { trace: { to: Hex } }).trace.to } });
    });

    test("asking for the size of unknown code is answered: there is some", async () => {
      const evm = await openOn();
      await evm.run(send(asker, word(BigInt(missing))));
      expect(await evm.read({ kind: "slot", address: asker, slot: word(0) })).toEqual({ ok: true, value: word(1) });
    });
  });

  describe("ENGINE-04: a read", () => {
    test("sees the state as it stands, or as it stood at a mark, and changes nothing", async () => {
      const evm = await openOn();
      const marks = [];
      for (let i = 0; i < 5; i++) {
        marks.push(evm.snapshot());
        await evm.run(send(counter));
      }
      expect(await Promise.all([count(evm)])).toEqual([46n]);
      for (const [i, mark] of marks.entries()) expect(await count(evm, mark)).toBe(41n + BigInt(i));
      expect(await count(evm)).toBe(46n);
      evm.revert(marks[2]!);
      expect(await count(evm)).toBe(43n);
      await expect(count(evm, marks[4])).rejects.toThrow(MarkGone);
    });

    test("of what was not recorded says so, and a revert is an answer", async () => {
      const evm = await openOn();
      expect(await evm.read({ kind: "slot", address: counter, slot: word(9) })).toEqual({
        ok: false,
        error: `Slot ${word(9)} of ${counter} was not recorded.`,
      });
      expect(await evm.read({ kind: "code", address: missing })).toMatchObject({ ok: false });
      expect(await evm.read({ kind: "call", to: missing, data: "0x" })).toMatchObject({ ok: false });
      expect(await evm.read({ kind: "code", address: alice })).toEqual({ ok: true, value: "0x" });
      expect(await evm.read({ kind: "call", to: loop, data: "0x" })).toEqual({ ok: false, error: "out of gas" });
    });

    test("error: two things at once", async () => {
      const evm = await openOn();
      const first = evm.run(send(counter));
      await expect(evm.run(send(counter))).rejects.toThrow(EngineBusy);
      await first;
    });
  });

  test("ENGINE-05: any order of runs, refusals, reverts and reads leaves what a naive count expects", async () => {
    const step = fc.oneof(
      fc.constant("count" as const),
      fc.constant("refuse" as const),
      fc.constant("mark" as const),
      fc.record({ back: fc.nat(5) }),
      fc.record({ look: fc.nat(5) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 14 }), async (steps) => {
        const evm = await openOn();
        let expected = 41n;
        const marks: { mark: number; value: bigint }[] = [];
        for (const one of steps) {
          if (one === "count") {
            await evm.run(send(counter));
            expected += 1n;
          } else if (one === "refuse") await evm.run(send(caller, word(BigInt(missing))));
          else if (one === "mark") marks.push({ mark: evm.snapshot(), value: expected });
          else if ("back" in one && marks.length > one.back) {
            evm.revert(marks[one.back]!.mark);
            expected = marks[one.back]!.value;
            marks.length = one.back + 1;
          } else if ("look" in one && marks.length > one.look)
            expect(await count(evm, marks[one.look]!.mark)).toBe(marks[one.look]!.value);
          expect(await count(evm)).toBe(expected);
        }
      }),
      { numRuns: 40 },
    );
  });

  test("ENGINE-06: a state source that fails ends the run with its own error, and the engine goes on", async () => {
    const recorded = recordedState({ accounts: accounts(), absentSlots: "missing" });
    let isDown = true;
    const evm = await openEvm(
      {
        ...recorded,
        slot: async (address, key) => {
          if (isDown) throw new Error("node is gone");
          return recorded.slot(address, key);
        },
      },
      block,
    );
    await expect(evm.run(send(counter))).rejects.toThrow("node is gone");
    isDown = false;
    expect(await evm.run(send(counter))).toMatchObject({ kind: "ran", succeeded: true });
    expect(await count(evm)).toBe(42n);
  });

  test("ENGINE-07: a log stands between the calls where it was emitted, and a frame that failed has none", async () => {
    // LOG0, a call of the address in calldata, LOG0; reverts then where calldata is longer than a word.
    const logger: Address = `0x${"e1".repeat(20)}`;
    const code: Hex = "0x60006000a0600060006000600060006000355af15060006000a060203611602257005b60006000fd";
    const evm = await openEvm(
      recordedState({ accounts: new Map([...accounts(), [logger, account(code)]]), absentSlots: "missing" }),
      block,
    );
    const lasted = await evm.run(send(logger, word(BigInt(counter))));
    const failed = await evm.run(send(logger, `${word(BigInt(counter))}00`));
    if (lasted.kind !== "ran" || failed.kind !== "ran") throw new Error("refused");
    for (const { trace } of [lasted, failed]) expect(walk(trace).map((v) => v.frame.to)).toEqual([logger, counter]);
    expect(lasted.trace.logs.map((log) => log.position)).toEqual([0, 1]);
    expect(logsOf(lasted.trace)).toHaveLength(2);
    expect(failed).toMatchObject({ succeeded: false, trace: { error: "execution reverted", logs: [] } });
  });

  describe("ENGINE-09: a transaction sees the block that it names, under the engine's rules:", () => {
    const later: NonNullable<EvmTransaction["block"]> = {
      number: 20_000_007n,
      timestamp: 1_717_281_500n,
      baseFeePerGas: 11n,
      gasLimit: 20_000_000n,
      coinbase: `0x${"c7".repeat(20)}`,
      prevRandao: word(77),
    };
    const seer: Address = `0x${"5e".repeat(20)}`;
    const hashes = new Map([
      [19_999_998n, word(98)],
      [20_000_001n, word(101)],
    ]);
    const blockHash = (ago: number): string => `60${ago.toString(16).padStart(2, "0")}430340`;

    /** What the code `asked` puts on the stack in the engine's block, and then in `later`. */
    async function told(asked: string): Promise<bigint[]> {
      const all = new Map([...accounts(), [seer, account(`0x${asked}60005260206000a000`)] as const]);
      const evm = await openEvm(recordedState({ accounts: all, blockHashes: hashes, absentSlots: "missing" }), block);
      const words: bigint[] = [];
      for (const tx of [send(seer), send(seer, "0x", { block: later })]) {
        const outcome = await evm.run(tx);
        if (outcome.kind === "refused") throw new Error(outcome.detail);
        words.push(BigInt(outcome.trace.logs[0]!.data));
      }
      return words;
    }

    test.each([
      ["NUMBER", "43", [block.number, 20_000_007n]],
      ["TIMESTAMP", "42", [block.timestamp, 1_717_281_500n]],
      ["BASEFEE", "48", [7n, 11n]],
      ["GASLIMIT", "45", [30_000_000n, 20_000_000n]],
      ["COINBASE", "41", [BigInt(block.coinbase), BigInt(later.coinbase!)]],
      ["CHAINID", "46", [1n, 1n]],
      ["BLOBBASEFEE", "4a", [1n, 1n]],
    ] as const)("%s", async (_, asked, expected) => {
      expect(await told(asked)).toEqual(expected);
    });

    test("BLOCKHASH, and is refused where the hash was not recorded", async () => {
      // Two blocks ago and six blocks ago, whichever is known.
      await expect(told(blockHash(2))).rejects.toThrow("The hash of block 20000005 was not recorded.");
      await expect(told(blockHash(6))).rejects.toThrow("The hash of block 19999994 was not recorded.");
      const evm = await openEvm(
        recordedState({
          accounts: new Map([...accounts(), [seer, account(`0x${blockHash(2)}60005260206000a000`)] as const]),
          blockHashes: hashes,
          absentSlots: "missing",
        }),
        block,
      );
      const outcome = await evm.run(send(seer));
      expect(outcome).toMatchObject({ kind: "ran", trace: { logs: [{ data: word(98) }] } });
    });

    test.skipIf(lacks.randao)(`PREVRANDAO${lacks.randao ? ` (${lacks.randao})` : ""}`, async () => {
      expect(await told("44")).toEqual([BigInt(block.prevRandao), 77n]);
    });
  });

  test("ENGINE-10: a contract made in one run is there with its storage in the next, and gone after a revert", async () => {
    const evm = await openOn();
    const start = evm.snapshot();
    // Stores 9 in slot 3, and leaves code that returns slot 3, after adding one to it where it is called with something.
    const code = "3615600e576001600354016003555b60035460005260206000f3";
    const making: Hex = `0x600960035560${(code.length / 2).toString(16)}8060106000396000f3${code}`;
    const made = await evm.run(send(null, making));
    if (made.kind === "refused") throw new Error(made.detail);
    const { to } = made.trace;
    expect(await evm.read({ kind: "code", address: to })).toEqual({ ok: true, value: `0x${code}` });
    const ask = async () => evm.read({ kind: "call", to, data: "0x" });
    expect(await ask()).toEqual({ ok: true, value: word(9) });
    const after = evm.snapshot();
    await evm.run(send(to, "0x01"));
    expect(await ask()).toEqual({ ok: true, value: word(10) });
    evm.revert(after);
    expect(await ask()).toEqual({ ok: true, value: word(9) });
    evm.revert(start);
    expect(await evm.read({ kind: "code", address: to })).toEqual({ ok: true, value: "0x" });
    expect(await evm.read({ kind: "slot", address: to, slot: word(3) })).toEqual({ ok: true, value: word(0) });
  });

  test("ENGINE-11: an account that signed a delegation runs the code that it named, from this transaction on", async () => {
    const key = fromHex(word(1));
    const signer = addressOfKey(key);
    const unsigned = { chainId: "0x01", address: counter, nonce: "0x" } as const;
    const [, , , yParity, r, s] = eoaCode7702SignAuthorization(unsigned, key) as unknown as Uint8Array[];
    const authorizationList = [{ ...unsigned, yParity: toHex(yParity!), r: toHex(r!), s: toHex(s!) }];
    const evm = await openEvm(recordedState({ accounts: accounts(), absentSlots: "zero" }), {
      ...block,
      number: 22_500_000n,
      timestamp: 1_750_000_000n,
      hardfork: "prague",
    });
    expect(await evm.run(send(signer, "0x", { authorizationList }))).toMatchObject({ kind: "ran", succeeded: true });
    expect(await evm.run(send(signer))).toMatchObject({ kind: "ran", succeeded: true });
    const code = `0xef0100${counter.slice(2)}`;
    expect(await evm.read({ kind: "code", address: signer })).toEqual({ ok: true, value: code });
    expect(await evm.read({ kind: "slot", address: signer, slot: word(0) })).toEqual({ ok: true, value: word(2) });
  });
}
