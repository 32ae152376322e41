import { createdIn } from "@testudo/core/model/CallTree";
import type { Address } from "@testudo/core/model/Hex";
import type { MetAccount, TxHeader, TxRecord } from "@testudo/core/model/TxRecord";
import { fromHex } from "../record/bytes.ts";
import type { Capsule, CapsuleHeader, CapsuleTransaction } from "../record/Capsule.ts";
import { knownChains } from "../record/chainRules.ts";
import { isContract } from "../record/isDelegated.ts";

const nothing: MetAccount = { balance: 0n, nonce: 0n, code: "0x", storage: new Map() };

/** What nodes told of transactions of one chain. */
export interface Recording {
  readonly chainId: number;
  readonly hardfork?: string;
  /** The header of the block before the first transaction's. */
  readonly parent: TxHeader;
  readonly records: readonly TxRecord[];
}

/**
 * The capsule of a recording. Its state is what the first transaction met, and of whatever that one did not touch what the
 * first that did met; the transactions stand in the order of the chain.
 */
export function assembleCapsule({ chainId, hardfork, parent, records }: Recording): Capsule {
  const ordered = inOrder(records);
  const [first] = ordered;
  const chain = knownChains[chainId];
  const headers = new Map(ordered.map(({ header }) => [header.number, toHeader(header)]));
  const gaps = ordered.flatMap(gapsOf);
  return {
    name: `${chain ?? `chain-${chainId}`}-${first!.header.number}-${first!.tx.hash.slice(2, 10)}`,
    chainId,
    ...(chain === undefined ? {} : { chain }),
    ...(hardfork === undefined ? {} : { hardfork }),
    block: toHeader(parent),
    accounts: stateOf(ordered),
    headers: [...headers.values()],
    transactions: ordered.map(toTransaction),
    ...(gaps.length === 0 ? {} : { gaps }),
  };
}

/** `records` as they stand on the chain, each once. */
export function inOrder(records: readonly TxRecord[]): TxRecord[] {
  const byHash = new Map(records.map((record) => [record.tx.hash, record]));
  return [...byHash.values()].sort((a, b) =>
    a.header.number === b.header.number ? a.index - b.index : a.header.number < b.header.number ? -1 : 1,
  );
}

function stateOf(records: readonly TxRecord[]): Map<Address, MetAccount> {
  const accounts = new Map<Address, MetAccount>();
  const made = new Set<Address>();
  for (const { met, trace } of records) {
    for (const [address, account] of met) {
      const known = accounts.get(address);
      if (known === undefined) accounts.set(address, { ...account, storage: new Map(account.storage) });
      // What was met first stands; the account may have been met with other slots.
      else if (!made.has(address))
        accounts.set(address, { ...known, storage: new Map([...account.storage, ...known.storage]) });
    }
    // Some nodes do not name what a transaction made: before it, there was nothing, whatever a later one met there.
    for (const address of trace === undefined ? [] : createdIn(trace)) {
      made.add(address);
      if (!accounts.has(address)) accounts.set(address, nothing);
    }
  }
  return accounts;
}

function toHeader({ parentHash, ...header }: TxHeader): CapsuleHeader {
  return header;
}

function toTransaction({ tx, raw, header, met, succeeded, gasUsed, logs, trace }: TxRecord): CapsuleTransaction {
  const { accessList, ...rest } = tx;
  return {
    ...rest,
    // An empty list on a legacy transaction is a node's courtesy.
    ...(accessList === undefined || tx.type === 0 ? {} : { accessList }),
    ...(raw === undefined ? {} : { raw }),
    blockNumber: header.number,
    // A development node lets a contract send, for whoever asks it to.
    ...(isContract(fromHex(met.get(tx.from)?.code ?? "0x")) ? { isImpersonated: true } : {}),
    expected: { succeeded, gasUsed, logs, ...(trace === undefined ? {} : { trace }) },
  };
}

function gapsOf({ tx, header, index, trace, metBy }: TxRecord): string[] {
  const gaps: string[] = [];
  if (metBy !== "tracer")
    gaps.push(
      `The node has no prestateTracer: the state that ${tx.hash} met is that after block ${header.number - 1n}, ` +
        `${metBy === "proofs" ? "proved from its header" : "without proofs"}, ` +
        `and without the ${index} transactions before it in its block.`,
    );
  if (trace === undefined)
    gaps.push(`The node has no callTracer: of ${tx.hash} the place of a difference may stay unknown.`);
  return gaps;
}
