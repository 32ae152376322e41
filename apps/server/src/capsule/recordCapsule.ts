import { fetchBlock } from "@testudo/chain/block/fetchBundle";
import { fetchChainId } from "@testudo/chain/block/fetchChainId";
import { fetchHeader } from "@testudo/chain/block/fetchHeader";
import { readHardfork } from "@testudo/chain/block/readHardfork";
import { recordTx } from "@testudo/chain/record/recordTx";
import type { Endpoint } from "@testudo/chain/rpc/rpcEndpoint";
import { openNodeState } from "@testudo/chain/state/openNodeState";
import type { Hex } from "@testudo/core/model/Hex";
import type { TxRecord } from "@testudo/core/model/TxRecord";
import { assembleCapsule, inOrder } from "@testudo/lab/capsule/assembleCapsule";
import { settleCapsule } from "@testudo/lab/capsule/settleCapsule";
import type { Capsule } from "@testudo/lab/record/Capsule";

export interface RecordOptions {
  /** The rules by name; default: what the node tells, else those of the chain. */
  readonly hardfork?: string;
}

/**
 * The capsule of the transactions `hashes` of `endpoint`'s chain: the state that they met, and what came of them. Throws
 * `TxUnknown`, `BlockReplaced`, what the endpoint throws, or what a replay throws where it cannot begin.
 */
export async function recordCapsule(
  endpoint: Endpoint,
  hashes: readonly Hex[],
  options: RecordOptions = {},
): Promise<Capsule> {
  const chainId = await fetchChainId(endpoint);
  const hardfork = options.hardfork ?? (await readHardfork(endpoint));
  const records: TxRecord[] = [];
  // One after the other: each makes the node execute part of a block again.
  for (const hash of new Set(hashes)) records.push(await recordTx(endpoint, hash));
  const { parentHash } = inOrder(records)[0]!.header;
  const parent = await fetchHeader(endpoint, parentHash);
  const capsule = assembleCapsule({ chainId, ...(hardfork === undefined ? {} : { hardfork }), parent, records });
  const settled = await settleCapsule(capsule, records, openNodeState(endpoint, parentHash));
  await assertOneChain(endpoint, records);
  return settled;
}

// Older block hashes are asked for by number. They are those of the record as long as its blocks are the chain's.
async function assertOneChain(endpoint: Endpoint, records: readonly TxRecord[]): Promise<void> {
  for (const header of new Map(records.map((record) => [record.header.number, record.header])).values()) {
    const { ref } = await fetchBlock(endpoint, header.number, false);
    if (ref.hash !== header.hash) throw new BlockReplaced(endpoint.label, header.number, header.hash, ref.hash);
  }
}

/** A block that was recorded is no longer the chain's. Retryable. */
export class BlockReplaced extends Error {
  override readonly name = "BlockReplaced";
  constructor(endpoint: string, number: bigint, was: Hex, is: Hex) {
    super(
      [
        `Block ${number} of ${endpoint} was ${was} and is ${is} now.`,
        "- What is recorded has to stand on one chain.",
        "- Record it again once the block is final.",
      ].join("\n"),
    );
  }
}
