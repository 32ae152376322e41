// A call tree stands under no hash. But what it says began each transaction, and what it says was logged, the chain says too.
import type { BlockBundle, CallFrame, FrameLog } from "@testudo/core/model/BlockBundle";
import { logsOf } from "@testudo/core/model/CallTree";
import type { Hex } from "@testudo/core/model/Hex";
import type { Member } from "./EndpointPool.ts";
import { isNodeFault } from "./isNodeFault.ts";
import { makeProofBook, type Proving } from "./ProofBook.ts";
import type { Block } from "./parseBlock.ts";
import { pollInTurn } from "./pollInTurn.ts";
import { type BlockTraces, traceBlocks } from "./traceBlocks.ts";
import { within } from "./within.ts";

/** Holds the call trees of blocks against the rest of them, over one stream. */
export interface TreeProver {
  /** `bundle` of `block`, which `giver` gave and `by` vouch for, with call trees that fit it where any of them has such. */
  prove(bundle: BlockBundle, block: Block, giver: Member, by: readonly Member[]): Promise<BlockBundle>;
}

// Longer nobody waits for another node's trees.
const mostMs = 4_000;

/** Makes a prover. Of one node alone there is nobody else to ask. */
export function makeTreeProver(proving: Proving): TreeProver {
  const { isLive } = proving;
  const book = makeProofBook("call trees", proving);

  return {
    async prove(bundle, block, giver, by) {
      const { number, hash } = block.ref;
      const { txs, logs, traces, traceSource } = bundle;
      if (traces === undefined || txs.length === 0 || traceSource === "re-execution") return bundle;
      if (by.length < 2 || !isLive(number) || book.isResting(number)) return bundle;
      const given = misfitOf(bundle, traces, traceSource);
      if (given === undefined) {
        // That nothing was logged where nothing should be shows little of what nodes can show.
        if (logs.length > 0) book.proved(number);
        return bundle;
      }
      const left = by.filter((member) => member !== giver && !member.hasLied);
      const asked = pollInTurn(
        () => left.shift(),
        async (member) => {
          const other = await treesOf(member, block);
          const isFit =
            other !== undefined && misfitOf({ txs, logs, has: bundle.has }, other.traces, other.source) === undefined;
          return isFit ? other : undefined;
        },
      )(1);
      const [fitting] = (await within(mostMs, asked)) ?? [];
      if (fitting === undefined) {
        book.failed(
          number,
          `No node shows call trees of block ${number} that fit its transactions and logs: what they say is the word of ${giver.endpoint.label}.`,
        );
        return bundle;
      }
      book.proved(number);
      // Clients exist that leave logs out of all trees, and lie about nothing.
      if (given !== "bare") book.lied(giver, new TreesUnfit(giver.endpoint.label, hash, given));
      return { ...bundle, traces: fitting.traces, traceSource: fitting.source };
    },
  };
}

/** The call trees of `block` at `member`; undefined where it has none, or none now. */
async function treesOf({ endpoint }: Member, block: Block): Promise<BlockTraces | undefined> {
  try {
    return (await traceBlocks(endpoint, [block]))[0];
  } catch (error) {
    if (isNodeFault(error)) return undefined;
    throw error;
  }
}

/** In what trees differ from the block that they are of; "bare" where they hold no log at all; undefined where they fit. */
function misfitOf(
  { txs, logs, has }: Pick<BlockBundle, "txs" | "logs" | "has">,
  traces: readonly CallFrame[],
  source: string | undefined,
): string | undefined {
  for (const [i, tx] of txs.entries()) {
    const root = traces[i]!;
    const isSame = root.from === tx.from && root.value === tx.value && root.input === tx.input;
    if (!isSame || (tx.to === null ? !root.type.startsWith("CREATE") : root.to !== tx.to))
      return `the tree of transaction ${tx.hash} begins with another call than it makes`;
  }
  // The other way to trees has no logs in them.
  if (!has.includes("L") || source !== "debug_traceBlockByHash") return undefined;
  const told = traces.map((root) => logsOf(root));
  if (logs.length > 0 && traces.every((root) => !holdsLog(root))) return "bare";
  for (const [i, { hash }] of txs.entries()) {
    const own = logs.filter(({ txIndex }) => txIndex === i);
    if (textOf(own) !== textOf(told[i]!)) return `the tree of transaction ${hash} logs something else than it did`;
  }
  return undefined;
}

function holdsLog(frame: CallFrame): boolean {
  return frame.logs.length > 0 || frame.calls.some(holdsLog);
}

// Not every tracer says where between its calls a frame logged.
function textOf(logs: readonly Pick<FrameLog, "address" | "topics" | "data">[]): string {
  return logs
    .map(({ address, topics, data }) => [address, ...topics, data].join())
    .sort()
    .join(";");
}

/** The call trees are not those of the block's transactions: calls were changed, left out or made up. */
export class TreesUnfit extends Error {
  override readonly name = "TreesUnfit";
  constructor(endpoint: string, blockHash: Hex, what: string) {
    super(
      [
        `Node ${endpoint} sent call trees for block ${blockHash} that are not its own: ${what}.`,
        "- Another node's fit, and were taken in their place.",
        "- Look at what this node is, and watch without it until then; it is asked after all others.",
      ].join("\n"),
    );
  }
}
