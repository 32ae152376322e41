// What stands on the other side of a bridge. It is read after the block under judgement was seen, at the other chain's
// newest block, by that block's hash. A chain that cannot be read must not hold the judging of this one back.

import type { BlockRef } from "@testudo/core/model/BlockBundle";
import { firstLineOf } from "@testudo/core/model/firstLineOf";
import type { StateAnswer, StateRead } from "@testudo/core/model/StateRead";
import { parseBlock } from "./parseBlock.ts";
import { openStateReader, type StateReader } from "./readState.ts";
import type { Endpoint } from "./rpcEndpoint.ts";

type RemoteRead = Extract<StateRead, { kind: "remote" }>;

// Less than a block of the slower chains; the detector looks again at the next one.
const defaultLimitMs = 3_000;

/** The nodes of other chains, by chain id. */
export type RemoteNodes = ReadonlyMap<number, readonly Endpoint[]>;

/**
 * A reader over `reader` that answers `remote` from `nodes`; everything else goes to `reader`. A chain that is not there,
 * fails, or takes longer than `limitMs` (default 3 s), is answered as not ok.
 */
export function remoteReads(reader: StateReader, nodes: RemoteNodes, limitMs: number = defaultLimitMs): StateReader {
  const readers = new Map([...nodes].map(([chainId, endpoints]) => [chainId, openStateReader(endpoints)]));

  async function readChain(chainId: number, reads: readonly RemoteRead[]): Promise<readonly StateAnswer[]> {
    const remote = readers.get(chainId);
    const refuse = (error: string) => reads.map((): StateAnswer => ({ ok: false, error }));
    if (remote === undefined) return refuse(`unsupported: no node of chain ${chainId} is named`);
    try {
      const ref = await newestOf(nodes.get(chainId)!, limitMs);
      const answers = await remote.read(
        ref,
        reads.map(({ to, data }) => ({ kind: "call", at: "block", to, data })),
      );
      return answers.map((answer) => (answer.ok ? { ...answer, ref } : answer));
    } catch (error) {
      return refuse(`unavailable: ${firstLineOf(error)}`);
    }
  }

  return {
    async read(ref, reads) {
      const remote = reads.filter((read): read is RemoteRead => read.kind === "remote");
      if (remote.length === 0) return reader.read(ref, reads);
      const local = reads.filter((read) => read.kind !== "remote");
      const chains = [...new Set(remote.map(({ chainId }) => chainId))];
      const [here, ...there] = await Promise.all([
        local.length === 0 ? [] : reader.read(ref, local),
        ...chains.map((chainId) =>
          within(
            limitMs,
            readChain(
              chainId,
              remote.filter((read) => read.chainId === chainId),
            ),
          ),
        ),
      ]);
      const queues = new Map(chains.map((chainId, i) => [chainId, [...(there[i] ?? [])]]));
      let at = 0;
      return reads.map((read) => (read.kind === "remote" ? (queues.get(read.chainId)!.shift() ?? late) : here[at++]!));
    },
  };
}

const late: StateAnswer = { ok: false, error: "unavailable: the other chain took too long" };

async function within(limitMs: number, answers: Promise<readonly StateAnswer[]>): Promise<readonly StateAnswer[]> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<readonly StateAnswer[]>((resolve) => {
    timer = setTimeout(() => resolve([]), limitMs);
  });
  const first = await Promise.race([answers, timeout]);
  clearTimeout(timer);
  return first;
}

async function newestOf(endpoints: readonly Endpoint[], timeoutMs: number): Promise<BlockRef> {
  const method = "eth_getBlockByNumber";
  let failure: unknown;
  for (const endpoint of endpoints)
    try {
      const answer = await endpoint.request(method, ["latest", false], { timeoutMs });
      const block = parseBlock(answer, { method, endpoint: endpoint.label });
      if (block !== null) return block.ref;
    } catch (error) {
      failure = error;
    }
  throw failure ?? new Error("no node has a newest block");
}
