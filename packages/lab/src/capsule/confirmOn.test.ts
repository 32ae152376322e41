import type { EvmOutcome, OpenEvm } from "@testudo/core/model/Evm";
import type { Hex } from "@testudo/core/model/Hex";
import { expect, test } from "vitest";
import { openEvm } from "../engine/openEvm.ts";
import type { Capsule } from "../record/Capsule.ts";
import { confirmOn } from "./confirmOn.ts";
import { edrPeer } from "./openEdr.ts";

const word = (n: bigint | number): Hex => `0x${n.toString(16).padStart(64, "0")}`;
const alice: Hex = `0x${"a1".repeat(20)}`;
const token: Hex = `0x${"70".repeat(20)}`;
// A token of one function: calldata of a whole call asks for slot 0; calldata of one word takes it off, and logs.
const tokenCode: Hex = "0x6020361160195760003560005403600055600060006000a1005b60005460005260206000f3";
const account = (code: Hex, balance = 0n, storage: [Hex, Hex][] = []) => ({
  balance,
  nonce: 0n,
  code,
  storage: new Map(storage),
});
const capsule: Capsule = {
  name: "small",
  chainId: 1,
  block: { number: 20_000_000n, timestamp: 1_717_281_407n, baseFeePerGas: 7n },
  accounts: new Map([
    [alice, account("0x", 10n ** 18n)],
    [token, account(tokenCode, 0n, [[word(0), word(1_000)]])],
  ]),
  transactions: [{ from: alice, to: token, value: 0n, input: word(300), gas: 200_000n }],
};
const watch = [{ holder: alice, token }, { holder: alice }];

/** Our engine, lying about what came of a run. */
const lying =
  (lie: (outcome: Extract<EvmOutcome, { kind: "ran" }>) => EvmOutcome): OpenEvm =>
  async (source, block) => {
    const evm = await openEvm(source, block);
    return {
      ...evm,
      async run(tx) {
        const outcome = await evm.run(tx);
        return outcome.kind === "ran" ? lie(outcome) : outcome;
      },
    };
  };

test("EVM-05: what both engines come to is confirmed, with how the watched holdings changed", async () => {
  const found = await confirmOn(edrPeer, capsule, { watch });
  expect(found).toMatchObject({ ok: true, engine: "EDR", transactions: 1, difference: null });
  expect(found.holdings[0]).toEqual({ holder: alice, token, before: 1_000n, after: 700n });
  const [, ether] = found.holdings;
  expect(ether!.before! - ether!.after!).toBeGreaterThan(21_000n * 7n);
  const none = await confirmOn(edrPeer, capsule, { watch: [{ holder: alice, token: alice }] });
  expect(none.holdings).toEqual([{ holder: alice, token: alice, before: null, after: null }]);
});

test.each([
  ["gas", { gasUsed: 1n }, /^gasUsed 1$/],
  ["status", { succeeded: false }, /^status 0$/],
  ["logs", { trace: undefined }, /^log 0: none, there are 0$/],
] as const)("EVM-05: a finding that our engine made up is not confirmed: %s", async (_, lie, expected) => {
  const openEvm = lying((outcome) =>
    "trace" in lie ? { ...outcome, trace: { ...outcome.trace, logs: [] } } : { ...outcome, ...lie },
  );
  const { ok, difference } = await confirmOn(edrPeer, capsule, { openEvm });
  expect(ok).toBe(false);
  expect(difference!.expected).toMatch(expected);
});

test("EVM-05: a gain that only our engine sees is not confirmed", async () => {
  const generous: OpenEvm = async (source, block) => {
    const evm = await openEvm(source, block);
    return { ...evm, read: async () => ({ ok: true, value: word(5) }) };
  };
  const { ok, difference } = await confirmOn(edrPeer, capsule, { openEvm: generous, watch });
  expect(ok).toBe(false);
  expect(difference).toEqual({
    tx: null,
    expected: `${alice} goes from 5 to 5 of ${token}`,
    got: `${alice} goes from 1000 to 700 of ${token}`,
  });
});

test("EVM-05: what the record says has to be met too", async () => {
  const [tx] = capsule.transactions!;
  const transactions = [{ ...tx!, expected: { succeeded: false, gasUsed: 1n, logs: [] } }];
  expect((await confirmOn(edrPeer, capsule, { transactions })).difference).toEqual({
    tx: 0,
    expected: "status 0",
    got: "status 1",
  });
});

test("EVM-05: what our engine refuses is not confirmed by another that runs it", async () => {
  const { ok, difference } = await confirmOn(edrPeer, capsule, {
    openEvm: lying(() => ({ kind: "refused", reason: "invalid", detail: "no" })),
  });
  expect(ok).toBe(false);
  expect(difference!.expected).toBe("refused as invalid");
});
