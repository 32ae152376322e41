import { logsOf } from "@testudo/core/model/CallTree";
import type { EvmOutcome } from "@testudo/core/model/Evm";
import type { Hex } from "@testudo/core/model/Hex";
import { describe, expect, test } from "vitest";
import type { Capsule, CapsuleTransaction, ExpectedOutcome } from "../record/Capsule.ts";
import { UnknownChain, UnknownRules } from "../record/chainRules.ts";
import { parseTransactions } from "../record/parseCapsule.ts";
import type { RecordedAccount } from "../record/recordedState.ts";
import { NothingToReplay, ReplayTooLarge, RulesChange, replayCapsule } from "./replayCapsule.ts";

const word = (n: bigint | number): Hex => `0x${n.toString(16).padStart(64, "0")}`;
const alice: Hex = `0x${"a1".repeat(20)}`;
const logger: Hex = `0x${"e1".repeat(20)}`;
const counter: Hex = `0x${"d1".repeat(20)}`;
const loop: Hex = `0x${"d5".repeat(20)}`;
// LOG0 at 0x04, a call of the address in calldata at 0x13, LOG0 at 0x19; reverts then where calldata is longer than a word.
const loggerCode: Hex = "0x60006000a0600060006000600060006000355af15060006000a060203611602257005b60006000fd";
// Adds one to slot 0; SSTORE at 0x06.
const counterCode: Hex = "0x60005460010160005500";
const account = (code: Hex, balance = 0n, storage: [Hex, Hex][] = []): RecordedAccount => ({
  balance,
  nonce: 0n,
  code,
  storage: new Map(storage),
});
const state: Capsule = {
  name: "small",
  chainId: 1,
  block: { number: 20_000_000n, timestamp: 1_717_281_407n, baseFeePerGas: 7n },
  accounts: new Map([
    [alice, account("0x", 10n ** 18n)],
    [logger, account(loggerCode)],
    [counter, account(counterCode, 0n, [[word(0), word(41)]])],
    [loop, account("0x5b600056")],
  ]),
};
const call = (to: Hex, input: Hex = "0x"): CapsuleTransaction => ({ from: alice, to, value: 0n, input, gas: 200_000n });

/** A replay with what came of each transaction. */
async function played(capsule: Capsule) {
  const outcomes: EvmOutcome[] = [];
  const replay = await replayCapsule(capsule, { onOutcome: (outcome) => outcomes.push(outcome) });
  return { ...replay, outcomes };
}

/** `capsule` with its transactions' outcomes written down as they came. */
async function recorded(capsule: Capsule, { withTrace = false } = {}): Promise<Capsule> {
  const { outcomes } = await played(capsule);
  const transactions = capsule.transactions!.map((tx, i) => {
    const outcome = outcomes[i]!;
    if (outcome.kind === "refused") throw new Error(outcome.detail);
    const { succeeded, gasUsed, trace } = outcome;
    const logs = logsOf(trace).map(({ address, topics, data }) => ({ address, topics, data }));
    return { ...tx, expected: { succeeded, gasUsed, logs, ...(withTrace ? { trace } : {}) } };
  });
  return { ...capsule, transactions };
}

function tampered(capsule: Capsule, change: Partial<ExpectedOutcome>): Capsule {
  const transactions = capsule.transactions!.map((tx) => ({ ...tx, expected: { ...tx.expected!, ...change } }));
  return { ...capsule, transactions };
}

const changed = (capsule: Capsule, at: Hex, code: Hex): Capsule => ({
  ...capsule,
  accounts: new Map([...capsule.accounts, [at, { ...capsule.accounts.get(at)!, code }]]),
});

describe("LAB-03: a replay", () => {
  const both = { ...state, transactions: [call(counter), call(logger, word(BigInt(counter)))] };

  test("of what was recorded is the same, transaction after transaction on the state that the last one left", async () => {
    const { report, missing, outcomes } = await played(await recorded(both));
    expect(report).toEqual({ ok: true, transactions: 2, divergence: null });
    expect(outcomes).toHaveLength(2);
    expect(missing.slots).toEqual([]);
  });

  test("tells what it asked for beyond the record, and takes it for nothing", async () => {
    const stray = changed(both, counter, "0x60075450600754506009545000");
    const { missing } = await replayCapsule(stray);
    expect(missing.slots).toEqual([
      { address: counter, slot: word(7) },
      { address: counter, slot: word(9) },
    ]);
  });

  test("names a log that was not written so: its frame and the operation that wrote it", async () => {
    const capsule = await recorded(both);
    const [, second] = capsule.transactions!;
    const logs = [second!.expected!.logs[0]!, { address: logger, topics: [word(1)], data: "0x" as Hex }];
    const other = [capsule.transactions![0]!, { ...second!, expected: { ...second!.expected!, logs } }];
    const { report } = await replayCapsule({ ...capsule, transactions: other });
    expect(report).toEqual({
      ok: false,
      transactions: 2,
      divergence: {
        tx: "#2",
        path: [],
        pc: 0x19,
        opcode: "LOG0",
        expected: `log 1: ${logger} [${word(1)}] 0x`,
        got: `log 1: ${logger} [] 0x`,
      },
    });
  });

  test("that fails where the record did not is told by the innermost failure", async () => {
    const capsule = await recorded({ ...state, transactions: [call(loop)] });
    const { report } = await replayCapsule(tampered(capsule, { succeeded: true }));
    expect(report.divergence).toMatchObject({ path: [], expected: "status 1", got: "status 0 (out of gas)" });
    expect(["JUMPDEST", "PUSH1", "JUMP"]).toContain(report.divergence!.opcode);
  });

  test("with a call tree in the record names the very operation, also where only the gas came out different", async () => {
    const capsule = await recorded(
      { ...state, transactions: [call(logger, word(BigInt(counter)))] },
      { withTrace: true },
    );
    // The counter ends with INVALID instead of STOP: the caller does not mind.
    const { report } = await replayCapsule(changed(capsule, counter, "0x600054600101600055fe"));
    expect(report.divergence).toMatchObject({ path: [0], pc: 9, opcode: "INVALID" });
    expect(report.divergence!.got).toMatch(/a failure$/);
  });

  test("names the call that is not made as it was", async () => {
    const capsule = await recorded(
      { ...state, transactions: [call(logger, word(BigInt(counter)))] },
      { withTrace: true },
    );
    // It sends a wei along, which it does not have.
    const generous: Hex = `${loggerCode.slice(0, 28)}6001${loggerCode.slice(32)}` as Hex;
    const { report } = await replayCapsule(changed(capsule, logger, generous));
    expect(report.divergence).toMatchObject({ path: [], pc: 0x13, opcode: "CALL" });
    expect(report.divergence!.got).toMatch(/CALL of 0xd1\w+ by 0xe1\w+ with 1 wei and 0x$/);
  });

  test("finds the place below calls, self-destructs and calls that never began", async () => {
    // A call with a wei that it has not at 0x0e, then of the logger with calldata that makes it revert at 0x27.
    const outer: Hex = `0x${"0e".repeat(20)}`;
    const code = `0x60006000600060006001600060fff15060006000602160006000${`73${logger.slice(2)}`}5af160005260206000a0`;
    const capsule: Capsule = {
      ...state,
      accounts: new Map([...state.accounts, [outer, account(code as Hex)]]),
      transactions: [call(outer)],
    };
    const known = await recorded(capsule, { withTrace: true });
    const [tx] = known.transactions!;
    const [first, second] = tx!.expected!.trace!.calls;
    expect([first?.error, second?.error]).toEqual(["insufficient balance for transfer", "execution reverted"]);
    // As if the logger had not reverted.
    const { error: _, ...lasted } = second!;
    const trace = { ...tx!.expected!.trace!, calls: [first!, { ...lasted, logs: [] }] };
    const { report } = await replayCapsule({
      ...known,
      transactions: [{ ...tx!, expected: { ...tx!.expected!, gasUsed: 1n, trace } }],
    });
    expect(report.divergence).toMatchObject({ path: [1], pc: 0x27, opcode: "REVERT" });
  });

  test.each([
    ["cancun", 30_000_000n],
    ["shanghai", 30_000_000n],
    ["osaka", 1n << 24n],
    ["amsterdam", 1n << 24n],
  ])("under the rules %s gives a transaction without gas %i, or what its block has", async (hardfork, most) => {
    // INVALID: burns whatever it is given.
    const capsule = { ...changed(state, loop, "0xfe"), hardfork };
    const [tx] = parseTransactions(new TextEncoder().encode(JSON.stringify({ from: alice, to: loop })), "x");
    const played: unknown[] = [];
    const onOutcome = (one: EvmOutcome) => played.push(one.kind === "ran" ? one.gasUsed : one.detail);
    await replayCapsule(capsule, { transactions: [tx!], onOutcome });
    const block = { ...state.block, gasLimit: 400_000n };
    await replayCapsule({ ...capsule, block }, { transactions: [tx!], onOutcome });
    expect(played).toEqual([most, 400_000n]);
  });

  test("says where nobody can tell the place", async () => {
    const capsule = await recorded({ ...state, transactions: [call(counter)] });
    const { report } = await replayCapsule(tampered(capsule, { gasUsed: 1n }));
    expect(report.divergence).toMatchObject({ path: null, pc: null, opcode: null, expected: "gasUsed 1" });
  });

  test("that is refused differs from any record", async () => {
    const poor = { ...call(counter), value: 10n ** 20n };
    const { report } = await replayCapsule(state, { transactions: [poor] });
    expect(report).toMatchObject({ ok: false, transactions: 1, divergence: { expected: "to run", path: null } });
    expect(report.divergence!.got).toMatch(/^refused as unfunded: /);
  });

  test("runs each transaction in its own block, with what that block's header says", async () => {
    // Stores what the operation in its last place says.
    const told = async (opcode: string, header: object) => {
      const seen: Hex = `0x${"5e".repeat(20)}`;
      const capsule: Capsule = {
        ...state,
        accounts: new Map([...state.accounts, [seen, account(`0x${opcode}60005260206000a000` as Hex)]]),
        headers: [{ number: 20_000_005n, timestamp: 1_717_281_500n, baseFeePerGas: 9n, ...header }],
        transactions: [call(seen), { ...call(seen), blockNumber: 20_000_005n }],
      };
      const { outcomes } = await played(capsule);
      return outcomes.map((one) => (one.kind === "ran" ? BigInt(logsOf(one.trace)[0]!.data) : one.detail));
    };
    expect(await told("43", {})).toEqual([20_000_001n, 20_000_005n]);
    expect(await told("42", {})).toEqual([1_717_281_408n, 1_717_281_500n]);
    expect(await told("48", {})).toEqual([7n, 9n]);
    expect(await told("41", { coinbase: alice })).toEqual([0n, BigInt(alice)]);
    expect(await told("44", { prevRandao: word(77) })).toEqual([0n, 77n]);
    expect(await told("45", { gasLimit: 12n })).toEqual([1_000_000_000n, 12n]);
  });

  // Calls nothing, again and again, with 100 kB of input each: 70 GB of call tree for ten million gas.
  test("LAB-04: error: a transaction that is made to fill the memory", async () => {
    const bomb: Hex = `0x${"b0".repeat(20)}`;
    const code = account("0x5b60006000620186a06000600061270f6000f150600056");
    const accounts = new Map([...state.accounts, [bomb, code] as const]);
    const failed = replayCapsule({ ...state, accounts, transactions: [{ ...call(bomb), gas: 10_000_000n }] });
    await expect(failed).rejects.toThrow(ReplayTooLarge);
    expect((await replayCapsule({ ...state, transactions: [call(counter)] })).report.ok).toBe(true);
  });

  test.each([
    ["burns all of it", "0x5b600056"],
    ["writes logs", "0x5b60006000a0600056"],
    ["calls itself as deep as it goes", "0x6000600060006000600030615af1005a"],
    ["returns as much as it can", "0x620fffff6000f3"],
    ["loads ever new slots", "0x5b5a5450600056"],
    ["destroys itself", "0x30ff"],
    ["has an operation that there is not", "0x0c"],
  ] as const)("LAB-04: a transaction of 20 million gas that %s ends, and that it differs is told", async (_, code) => {
    const hostile: Hex = `0x${"b1".repeat(20)}`;
    const accounts = new Map([...state.accounts, [hostile, account(code)] as const]);
    const expected = { succeeded: true, gasUsed: 1n, logs: [] };
    const transactions = [{ ...call(hostile), gas: 20_000_000n, expected }];
    const { report } = await replayCapsule({ ...state, accounts, transactions });
    expect(report).toMatchObject({ ok: false, transactions: 1 });
    expect(report.divergence!.expected).toMatch(/^(?:status 1|gasUsed 1)$/);
  });

  test("error: no transactions, unknown chain, unknown rules, or two sets of rules", async () => {
    await expect(replayCapsule(state)).rejects.toThrow(NothingToReplay);
    await expect(replayCapsule({ ...both, chainId: 424_242 })).rejects.toThrow(UnknownChain);
    await expect(replayCapsule({ ...both, hardfork: "atlantis" })).rejects.toThrow(UnknownRules);
    // A name that the other engine knows, and no rules to it.
    await expect(replayCapsule({ ...both, hardfork: "bpo3" })).rejects.toThrow(UnknownRules);
    const headers = [{ number: 23_000_000n, timestamp: 1_750_000_000n, baseFeePerGas: 7n }];
    const late = [call(counter), { ...call(counter), blockNumber: 23_000_000n }];
    await expect(replayCapsule({ ...both, headers, transactions: late })).rejects.toThrow(RulesChange);
    const { report } = await replayCapsule({ ...both, chainId: 424_242, hardfork: "cancun" });
    expect(report.ok).toBe(true);
  });
});
