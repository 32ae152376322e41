// What stands on the other side of a bridge. It is read after the block under judgement was seen, at the other chain's
// newest block, by that block's hash. A chain that cannot be read must not hold the judging of this one back.

import type { StreamTrouble } from "@testudo/core/model/ChainEvent";
import type { StateAnswer } from "@testudo/core/model/StateRead";
import type { Endpoint } from "../rpc/rpcEndpoint.ts";
import { makeRemoteChain, type RemoteRead } from "./RemoteChain.ts";
import type { StateReader } from "./readState.ts";

// Less than a block of the slower chains; the detector looks again at the next one.
const defaultLimitMs = 3_000;
const defaultRestMs = 30_000;
// Chains exist that make no block while nobody asks for one.
const defaultStillMs = 300_000;

/** The nodes of other chains, by chain id. */
export type RemoteNodes = ReadonlyMap<number, readonly Endpoint[]>;

export interface RemoteOptions {
  /** For the questions of one round to one chain. Default 3 s. */
  readonly limitMs?: number;
  /** How long a node that took longer is answered for without being waited for. Default 30 s. */
  readonly restMs?: number;
  /** How long a node may name the same newest block while another has a newer one. Default 5 min. */
  readonly stillMs?: number;
  /** Told of each node that cannot be read (`remote-unread`), and when it can be again. */
  readonly tell?: (trouble: StreamTrouble) => void;
}

/**
 * A reader over `reader` that answers `remote` from `nodes`; everything else goes to `reader`. A chain that is not there,
 * fails, takes too long, or is another one than its nodes are named for, is answered as not ok.
 */
export function remoteReads(
  reader: StateReader,
  nodes: RemoteNodes,
  { limitMs = defaultLimitMs, restMs = defaultRestMs, stillMs = defaultStillMs, tell = () => {} }: RemoteOptions = {},
): StateReader {
  const remotes = new Map(
    [...nodes].map(([chainId, endpoints]) => [
      chainId,
      makeRemoteChain({ chainId, endpoints, limitMs, restMs, stillMs, tell }),
    ]),
  );

  async function readChain(chainId: number, reads: readonly RemoteRead[]): Promise<readonly StateAnswer[]> {
    const error = `unsupported: no node of chain ${chainId} is named`;
    return (await remotes.get(chainId)?.read(reads)) ?? reads.map((): StateAnswer => ({ ok: false, error }));
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
          readChain(
            chainId,
            remote.filter((read) => read.chainId === chainId),
          ),
        ),
      ]);
      const queues = new Map(chains.map((chainId, i) => [chainId, [...there[i]!]]));
      let at = 0;
      return reads.map((read) => (read.kind === "remote" ? queues.get(read.chainId)!.shift()! : here[at++]!));
    },
  };
}
