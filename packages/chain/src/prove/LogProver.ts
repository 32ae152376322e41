import type { Log } from "@testudo/core/model/BlockBundle";
import type { Hex } from "@testudo/core/model/Hex";
import { isNotOffered } from "../block/traceBlocks.ts";
import type { Member } from "../nodes/EndpointPool.ts";
import { isNodeFault } from "../rpc/isNodeFault.ts";
import { pollInTurn } from "../rpc/pollInTurn.ts";
import { RpcRefused } from "../rpc/RpcError.ts";
import { sleep } from "../rpc/sleep.ts";
import { isEmptyBloom } from "../wire/bloomOf.ts";
import type { Block } from "../wire/parseBlock.ts";
import { parseReceipts } from "../wire/parseReceipts.ts";
import { makeProofBook, type Proving } from "./ProofBook.ts";

/** Shows by the receipts of a block that its logs are those which its header commits to, over one stream. */
export interface LogProver {
  /** The logs of `block`, for which `by` vouch, `rootBy` for its receipts' root too, from whoever can show that they are its own; undefined where nobody can, or need not. */
  prove(block: Block, by: readonly Member[], rootBy: readonly Member[]): Promise<readonly Log[] | undefined>;
}

const method = "eth_getBlockReceipts";
// Longer nobody waits for what may be asked for without a proof.
const mostMs = 4_000;
// How long a node may take to have the receipts of a block that it names.
const againMs = 300;
// Who does not know the method costs no block anything for so long; who hangs, or has been asked too often, for a shorter
// time: with all at their limits nothing is proved, and an attacker can wait for such an hour.
const refusedMs = 10 * 60_000;
const failedMs = 30_000;

/** Who has shown receipts of another block, and who has none yet. */
interface Asked {
  readonly wrong: Set<Member>;
  readonly unready: Set<Member>;
}

/**
 * Makes a prover. One node alone proves nothing: it would make up the header as well. So only what several vouch for is
 * proved, whose `receiptsRoot` is among what they agree on.
 */
export function makeLogProver(proving: Proving): LogProver {
  const { pool, isLive } = proving;
  const book = makeProofBook("logs", proving);
  const shunned = new Map<Member, number>();

  async function ask(member: Member, { ref, receiptsRoot, txHashes }: Block, { wrong, unready }: Asked) {
    const { label, timeoutMs, request } = member.endpoint;
    try {
      const answer = await request(method, [ref.hash], { timeoutMs: Math.min(mostMs, timeoutMs) });
      // A node that has just seen the block may not have them yet.
      if (answer === null) {
        unready.add(member);
        return undefined;
      }
      const { root, logs } = parseReceipts(answer, { method, endpoint: label }, txHashes.length);
      if (root === receiptsRoot) return logs;
      wrong.add(member);
    } catch (error) {
      if (!isNodeFault(error)) throw error;
      const isLacking = error instanceof RpcRefused && isNotOffered(error);
      shunned.set(member, performance.now() + (isLacking ? refusedMs : failedMs));
    }
    return undefined;
  }

  return {
    async prove(block, by, rootBy) {
      const { number, hash } = block.ref;
      // An empty bloom keeps nobody from making logs up: where there are transactions that there are none has to be shown as well.
      const hasNone = block.txHashes.length === 0 && isEmptyBloom(block.logsBloom);
      if (by.length < 2 || block.receiptsRoot === undefined || hasNone) return undefined;
      if (!isLive(number) || book.isResting(number)) return undefined;
      if (rootBy.length < 2) {
        const word = `Only ${rootBy[0]!.endpoint.label} says what the receipts of block ${number} come to: what its logs hold is the nodes' word.`;
        book.failed(number, word, true);
        return undefined;
      }
      // Whoever shows them: what comes to the root is believed of anybody.
      const all = [...new Set([...by, ...pool.members])].filter(
        (member) => (shunned.get(member) ?? 0) <= performance.now(),
      );
      const [wrong, unready] = [new Set<Member>(), new Set<Member>()];
      const askAll = async (members: Iterable<Member>) => {
        const left = [...members];
        const [shown] = await pollInTurn(
          () => left.shift(),
          (member) => ask(member, block, { wrong, unready }),
        )(1);
        return shown;
      };
      let logs = await askAll(all);
      // What nobody has yet would be the word of whoever is asked for the logs alone.
      if (logs === undefined && unready.size > 0) {
        await sleep(againMs);
        logs = await askAll(unready);
      }
      if (logs === undefined)
        book.failed(
          number,
          `No node shows the receipts that block ${number} commits to: what its logs hold is the nodes' word.`,
        );
      else {
        book.proved(number);
        for (const member of wrong) book.lied(member, new LogsUnproved(member.endpoint.label, hash));
      }
      return logs;
    },
  };
}

/** The receipts do not come to the root in the header that several nodes name: logs were changed, left out or made up. */
export class LogsUnproved extends Error {
  override readonly name = "LogsUnproved";
  constructor(endpoint: string, blockHash: Hex) {
    super(
      [
        `Node ${endpoint} sent receipts for block ${blockHash} that are not those its header commits to.`,
        "- Another node sent those that are.",
        "- Look at what this node is, and watch without it until then; it is asked after all others.",
      ].join("\n"),
    );
  }
}
