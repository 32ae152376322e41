import type { Hex } from "@testudo/core/model/Hex";
import type { TxHeader } from "@testudo/core/model/TxRecord";
import type { Endpoint } from "../rpc/rpcEndpoint.ts";
import { toBigint, toFields, toHash, toList, toNumber } from "../wire/parseField.ts";
import { parseHeader } from "../wire/parseHeader.ts";
import { parseTxFields, type SentTx } from "../wire/parseTxFields.ts";
import { fetchBlockFields } from "./fetchBlockFields.ts";

/** A block with all that executing it again needs. */
export interface SentBlock {
  readonly header: TxHeader;
  /** Of all transactions together. */
  readonly gasUsed: bigint;
  /** What the block before it, on the beacon chain, left as its root (EIP-4788). */
  readonly parentBeaconBlockRoot?: Hex;
  /** Whether the chain keeps hashes of older blocks in its state: the header is of Prague's rules or later (EIP-2935, EIP-7685). */
  readonly keepsHashes: boolean;
  /** In their order. */
  readonly txs: readonly SentBlockTx[];
}

/** A transaction and its type: 0 to 4 are Ethereum's, others a chain's own. */
export interface SentBlockTx {
  readonly type: number;
  /** Undefined for a chain's own type, whose fields nobody here knows. */
  readonly tx: SentTx | undefined;
}

const newestType = 4;

/** The block `hash` as it was sent. Throws `BlockUnknown`, or what the endpoint throws. */
export async function fetchSentBlock(endpoint: Endpoint, hash: Hex): Promise<SentBlock> {
  const { fields, source } = await fetchBlockFields(endpoint, hash, true);
  return {
    header: parseHeader(fields, source),
    gasUsed: toBigint(source, "gasUsed", fields.gasUsed),
    ...(fields.parentBeaconBlockRoot == null
      ? {}
      : { parentBeaconBlockRoot: toHash(source, "parentBeaconBlockRoot", fields.parentBeaconBlockRoot) }),
    keepsHashes: fields.requestsHash != null,
    txs: toList(source, "transactions", fields.transactions).map((item, i) => {
      const tx = toFields(source, `transactions[${i}]`, item);
      const type = tx.type == null ? 0 : toNumber(source, `transactions[${i}].type`, tx.type);
      return { type, tx: type <= newestType ? parseTxFields(tx, source) : undefined };
    }),
  };
}
