// A recording is run once before it is kept: so it is found out which older block hashes it needs, what its node did not
// name, where transactions that were not recorded stand between, and whether it replays at all.
import type { AccountState, Evm, StateSource } from "@testudo/core/model/Evm";
import type { Address, Hex } from "@testudo/core/model/Hex";
import type { TxRecord } from "@testudo/core/model/TxRecord";
import { openEvm } from "../engine/openEvm.ts";
import { blockOf } from "../record/blockOf.ts";
import type { Capsule } from "../record/Capsule.ts";
import type { RecordedAccount } from "../record/recordedState.ts";
import { inOrder } from "./assembleCapsule.ts";
import { assertReplayable, replayCapsule } from "./replayCapsule.ts";
import { toRun } from "./toRun.ts";

// Enough to see what kind of state it is.
const namedMax = 5;

/**
 * `capsule` with what its transactions ask for beyond it, read from `parent` (the state after the capsule's block), and with
 * a sentence for each thing that is not as it was. Throws what a replay throws where it cannot begin.
 */
export async function settleCapsule(
  capsule: Capsule,
  records: readonly TxRecord[],
  parent: StateSource,
): Promise<Capsule> {
  assertReplayable(capsule, capsule.transactions ?? []);
  const read = openReading(capsule, parent);
  const evm = await openEvm(read.source, blockOf(capsule, capsule.transactions![0]!.blockNumber));
  const gaps = [...(capsule.gaps ?? [])];
  for (const [i, record] of inOrder(records).entries()) {
    if (i > 0) gaps.push(...(await changedBetween(evm, inOrder(records)[i - 1]!, record)));
    await evm.run(toRun(capsule, capsule.transactions![i]!));
  }
  const settled = { ...capsule, ...read.settled() };
  gaps.push(...read.gaps(), ...(await differencesOf(settled)));
  return gaps.length === 0 ? settled : { ...settled, gaps };
}

function openReading(capsule: Capsule, parent: StateSource) {
  const accounts = new Map<Address, RecordedAccount>(capsule.accounts);
  const blockHashes = new Map<bigint, Hex>(capsule.blockHashes);
  const unnamed = { accounts: 0, slots: 0 };
  const find = async (address: Address): Promise<RecordedAccount> => {
    const known = accounts.get(address);
    if (known !== undefined) return known;
    const found: AccountState = (await parent.account(address)) ?? { balance: 0n, nonce: 0n, code: "0x" };
    const made = { ...found, storage: new Map<Hex, Hex>() };
    accounts.set(address, made);
    // That there is nothing is told by not naming it.
    if (found.balance !== 0n || found.nonce !== 0n || found.code !== "0x") unnamed.accounts += 1;
    return made;
  };
  const source: StateSource = {
    account: find,
    async slot(address, key) {
      const account = await find(address);
      const known = account.storage.get(key);
      if (known !== undefined || account.code === "0x") return known ?? `0x${"0".repeat(64)}`;
      const word = await parent.slot(address, key);
      accounts.set(address, { ...account, storage: new Map([...account.storage, [key, word]]) });
      unnamed.slots += 1;
      return word;
    },
    async blockHash(number) {
      const hash = blockHashes.get(number) ?? (await parent.blockHash(number));
      blockHashes.set(number, hash);
      return hash;
    },
  };
  return {
    source,
    settled: () => ({ accounts, ...(blockHashes.size === 0 ? {} : { blockHashes }) }),
    gaps: () =>
      unnamed.accounts + unnamed.slots === 0
        ? []
        : [
            `${unnamed.accounts} accounts and ${unnamed.slots} slots that the node did not name were read as they were ` +
              `after block ${capsule.block.number}.`,
          ],
  };
}

/** What `record` met otherwise than the recorded transactions before it left it. */
async function changedBetween(evm: Evm, before: TxRecord, record: TxRecord): Promise<string[]> {
  const changed: string[] = [];
  for (const [address, account] of record.met) {
    if (!(await holds(evm, { kind: "balance", address }, toWord(account.balance))))
      changed.push(`balance of ${address}`);
    if (account.code !== null && !(await holds(evm, { kind: "code", address }, account.code)))
      changed.push(`code of ${address}`);
    for (const [slot, word] of account.storage)
      if (!(await holds(evm, { kind: "slot", address, slot }, word))) changed.push(`slot ${slot} of ${address}`);
  }
  if (changed.length === 0) return [];
  const more = changed.length > namedMax ? ` and ${changed.length - namedMax} more` : "";
  return [
    `${record.tx.hash} met other values than ${before.tx.hash} left: ${changed.slice(0, namedMax).join(", ")}${more}. ` +
      `${unrecorded(before, record)} between them are not recorded.`,
  ];
}

async function holds(evm: Evm, read: Parameters<Evm["read"]>[0], value: Hex): Promise<boolean> {
  const answer = await evm.read(read);
  return answer.ok && answer.value === value;
}

function unrecorded(before: TxRecord, record: TxRecord): string {
  const blocks = record.header.number - before.header.number;
  if (blocks === 0n) return `${record.index - before.index - 1} transactions of block ${record.header.number}`;
  return `Transactions of blocks ${before.header.number} to ${record.header.number}`;
}

async function differencesOf(capsule: Capsule): Promise<string[]> {
  const { divergence } = (await replayCapsule(capsule)).report;
  if (divergence === null) return [];
  const { tx, expected, got } = divergence;
  return [`It does not replay: ${tx} came out with ${expected.slice(0, 300)}, and here with ${got.slice(0, 300)}.`];
}

function toWord(value: bigint): Hex {
  return `0x${value.toString(16).padStart(64, "0")}`;
}
