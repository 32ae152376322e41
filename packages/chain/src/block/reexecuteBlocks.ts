import type { CallFrame, Log } from "@testudo/core/model/BlockBundle";
import { firstLineOf } from "@testudo/core/model/firstLineOf";
import type { Address } from "@testudo/core/model/Hex";
import { isNodeFault } from "../rpc/isNodeFault.ts";
import type { Endpoint } from "../rpc/rpcEndpoint.ts";
import type { Block, BlockTransaction } from "../wire/parseBlock.ts";
import { senderOfWire } from "../wire/wireTransaction.ts";
import type { Reexecuted, Reexecution } from "./Reexecution.ts";
import type { BlockTraces } from "./traceBlocks.ts";

// A node that has no state of the block before, or answers too slowly for it, is not asked for thousands of words again
// with the next block: the stream of blocks itself has to come from it. One block that does not come out is a matter of that
// block, which anybody may have brought about; several in a row are a matter of the chain's rules.
const REST_MS = 30_000;
const MOST_IN_A_ROW = 3;

interface Trust {
  restsUntilMs: number;
  failedInARow: number;
}

const trusts = new WeakMap<Endpoint, Trust>();

/**
 * `found`, with the call trees of the blocks that have none and are to be executed again (STREAM-07), on the state that the first of
 * `endpoints` gives with which they come out as on the chain. `logs` are those of each block. Whatever fails on the way leaves a
 * block without trees; it never throws.
 */
export async function reexecuteBlocks(
  endpoints: readonly Endpoint[],
  blocks: readonly Block[],
  found: readonly (BlockTraces | undefined)[],
  logs: readonly (readonly Log[])[],
  reexecution: Reexecution,
): Promise<(BlockTraces | undefined)[]> {
  const all = [...found];
  // One after the other: each asks the node for more than all the rest of a block together.
  for (const [i, block] of blocks.entries()) {
    if (all[i] !== undefined || block.ref.number < reexecution.from) continue;
    const made = await executeOnAny(endpoints, block, logs[i]!, reexecution);
    if (made === undefined) continue;
    if ("traces" in made) all[i] = { traces: made.traces, source: "re-execution" };
    else reexecution.onFailed?.(block.ref.number, made.why);
  }
  return all;
}

/** Undefined where every endpoint rests. */
async function executeOnAny(
  endpoints: readonly Endpoint[],
  block: Block,
  logs: readonly Log[],
  { execute, isPatient = false }: Reexecution,
): Promise<Reexecuted | undefined> {
  let made: Reexecuted | undefined;
  for (const endpoint of endpoints) {
    const trust = trustIn(endpoint);
    if (!isPatient && trust.restsUntilMs > performance.now()) continue;
    made = asAgreed(block, await execute(endpoint, block, logs).catch(failedBy));
    if ("traces" in made) {
      trust.failedInARow = 0;
      return made;
    }
    trust.failedInARow += 1;
    if (made.isOfBlock !== true || trust.failedInARow >= MOST_IN_A_ROW)
      trust.restsUntilMs = performance.now() + REST_MS;
  }
  return made;
}

// Finding a signer takes milliseconds. Whoever names as many wrong senders is no measure for the rest.
const mostSigners = 64;

// What was executed came from one node, by the hashes that were agreed on: it may have given other transactions under them. So may
// whoever gave the block have named another sender: between the two the signature decides.
function asAgreed({ txs = [] }: Block, made: Reexecuted): Reexecuted {
  if (!("traces" in made)) return made;
  let left = mostSigners;
  const isSender = ({ from, wire }: BlockTransaction, sender: Address) =>
    sender === from || left-- <= 0 || sender === senderOfWire(wire);
  const isOf = (tx: BlockTransaction, root: CallFrame | undefined) =>
    root !== undefined &&
    (tx.to === null || root.to === tx.to) &&
    root.value === tx.value &&
    root.input === tx.input &&
    isSender(tx, root.from);
  return txs.every((tx, i) => isOf(tx, made.traces[i]))
    ? made
    : { why: "the node gives its transactions otherwise than was agreed on." };
}

function trustIn(endpoint: Endpoint): Trust {
  const trust = trusts.get(endpoint) ?? { restsUntilMs: 0, failedInARow: 0 };
  trusts.set(endpoint, trust);
  return trust;
}

// Whatever goes wrong in an engine that runs what strangers sent costs this block its call trees, and no more.
function failedBy(error: unknown): Reexecuted {
  return { why: firstLineOf(error), isOfBlock: !isNodeFault(error) };
}
