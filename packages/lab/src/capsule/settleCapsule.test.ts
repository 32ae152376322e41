import { logsOf } from "@testudo/core/model/CallTree";
import type { StateSource } from "@testudo/core/model/Evm";
import type { Address, Hex } from "@testudo/core/model/Hex";
import type { MetAccount, TxHeader, TxRecord } from "@testudo/core/model/TxRecord";
import { expect, test } from "vitest";
import { openEvm } from "../engine/openEvm.ts";
import { recordedState } from "../record/recordedState.ts";
import { assembleCapsule } from "./assembleCapsule.ts";
import { settleCapsule } from "./settleCapsule.ts";

const word = (n: number): Hex => `0x${n.toString(16).padStart(64, "0")}`;
const alice: Hex = `0x${"a1".repeat(20)}`;
const coinbase: Hex = `0x${"c0".repeat(20)}`;
const counter: Hex = `0x${"d1".repeat(20)}`;
const account = (code: Hex, balance = 0n, storage: [Hex, Hex][] = []): MetAccount => ({
  balance,
  nonce: 0n,
  code,
  storage: new Map(storage),
});
const header = (number: bigint): TxHeader => ({
  number,
  timestamp: 1_717_281_407n + number,
  hash: word(Number(number)),
  parentHash: word(Number(number) - 1),
  baseFeePerGas: 0n,
  gasLimit: 30_000_000n,
  coinbase,
  prevRandao: word(1),
});
const start = new Map<Address, MetAccount>([
  [alice, account("0x", 10n ** 18n)],
  [coinbase, account("0x")],
  // Adds one to slot 0.
  [counter, account("0x60005460010160005500", 0n, [[word(0), word(41)]])],
]);
// Makes a contract that stores 9 in slot 3 when it is made, and adds one to it when it is called.
const making: Hex = "0x60096003556009601160003960096000f36003546001016003550000";

interface Sent {
  readonly to: Hex | null;
  readonly input?: Hex;
  readonly block?: bigint;
  readonly index: number;
}

/** What a node tells of those of `sent` that are recorded, all run one after the other; `touched` is what it names of each. */
async function recordsOf(
  sent: readonly Sent[],
  touched: (tx: Sent, made: Hex) => readonly (readonly [Address, readonly Hex[]])[],
  isRecorded: (tx: Sent) => boolean = () => true,
): Promise<TxRecord[]> {
  const evm = await openEvm(recordedState({ accounts: start, absentSlots: "zero" }), {
    chainId: 1,
    ...header(20_000_001n),
  });
  const records: TxRecord[] = [];
  let made: Hex = counter;
  for (const [nonce, tx] of sent.entries()) {
    const met = new Map<Address, MetAccount>();
    for (const [address, slots] of touched(tx, made)) {
      const balance = await evm.read({ kind: "balance", address });
      const code = await evm.read({ kind: "code", address });
      if (!balance.ok || !code.ok) throw new Error("not there");
      const storage = new Map<Hex, Hex>();
      for (const slot of slots)
        storage.set(slot, ((await evm.read({ kind: "slot", address, slot })) as { value: Hex }).value);
      met.set(address, {
        balance: BigInt(balance.value),
        nonce: BigInt(address === alice ? nonce : 0),
        code: code.value,
        storage,
      });
    }
    const { to, input = "0x", block = 20_000_001n, index } = tx;
    const common = {
      from: alice,
      to: to === null ? null : to === counter ? counter : made,
      value: 0n,
      input,
      gas: 300_000n,
    };
    const { parentHash: _, hash: __, ...at } = header(block);
    const outcome = await evm.run({ ...common, block: at });
    if (outcome.kind === "refused") throw new Error(outcome.detail);
    if (to === null) made = outcome.trace.to;
    const { succeeded, gasUsed, trace } = outcome;
    if (isRecorded(tx))
      records.push({
        tx: { ...common, hash: word(1_000 + nonce), type: 0, nonce: BigInt(nonce) },
        index,
        header: header(block),
        succeeded,
        gasUsed,
        logs: logsOf(trace),
        trace,
        met,
        metBy: "tracer",
      });
  }
  return records;
}

const parent: StateSource = {
  account: async (address) => start.get(address),
  slot: async (address, key) => start.get(address)?.storage.get(key) ?? word(0),
  blockHash: async () => word(7),
};
const assembled = (records: readonly TxRecord[]) =>
  assembleCapsule({ chainId: 1, parent: header(20_000_000n), records });
const all = (address: Address, ...slots: Hex[]) => [
  [alice, []] as const,
  [coinbase, []] as const,
  [address, slots] as const,
];

test("LAB-01: what one transaction makes is not there before it, though a later one met it", async () => {
  const sent = [
    { to: null, input: making, index: 0 },
    { to: "0x" as Hex, index: 1 },
    { to: "0x" as Hex, block: 20_000_002n, index: 0 },
  ];
  // As geth tells it: the creation's own address is not named by the transaction that makes it.
  const records = await recordsOf(sent, (tx, made) => (tx.to === null ? all(counter) : all(made, word(3))));
  const capsule = await settleCapsule(assembled(records), records, parent);
  const made = records[0]!.trace!.to;
  expect(capsule.gaps).toBeUndefined();
  expect(capsule.accounts.get(made)).toEqual({ balance: 0n, nonce: 0n, code: "0x", storage: new Map() });
  expect(records[1]!.met.get(made)!.storage.get(word(3))).toBe(word(9));
});

test("LAB-01: what the node did not name is read from the block before, and said", async () => {
  const records = await recordsOf([{ to: counter, index: 3 }], () => all(coinbase));
  const capsule = await settleCapsule(assembled(records), records, parent);
  expect(capsule.accounts.get(counter)).toEqual(start.get(counter));
  expect(capsule.gaps).toEqual([
    "1 accounts and 1 slots that the node did not name were read as they were after block 20000000.",
  ]);
});

test("LAB-01: transactions that are left out are counted, and what they changed is named", async () => {
  const sent = [0, 1, 2].map((index) => ({ to: counter, index }));
  const records = await recordsOf(
    sent,
    () => all(counter, word(0)),
    ({ index }) => index !== 1,
  );
  const capsule = await settleCapsule(assembled(records.toReversed()), records, parent);
  expect(capsule.transactions!.map(({ hash }) => hash)).toEqual([word(1_000), word(1_002)]);
  expect(capsule.gaps).toEqual([
    `${word(1_002)} met other values than ${word(1_000)} left: slot ${word(0)} of ${counter}. ` +
      "1 transactions of block 20000001 between them are not recorded.",
  ]);
});
