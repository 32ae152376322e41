import { answerStateRpc } from "../engine/answerStateRpc.ts";
import { type ServedRpc, serveRpc } from "../engine/serveRpc.ts";
import type { Capsule } from "../record/Capsule.ts";
import { type Missing, watchState } from "./watchedState.ts";

/** A capsule that is served. */
export interface ServedCapsule extends ServedRpc {
  /** What was asked for so far and is not in the capsule. */
  missing(): Missing;
}

/**
 * Serves `capsule` as a node that only reads, on loopback. `GET /missing` lists what was asked for beyond it, `GET /` says
 * what it is. Throws `PortInUse`.
 */
export async function serveCapsule(capsule: Capsule, port?: number): Promise<ServedCapsule> {
  const { name, chain, chainId, block, accounts, blockHashes } = capsule;
  const { source, missing } = watchState(capsule);
  const answer = answerStateRpc({ chainId, header: block, source, ...(blockHashes && { blockHashes }) });
  const slots = [...accounts.values()].reduce((sum, { storage }) => sum + storage.size, 0);
  const info = { name, chain, chainId, block: Number(block.number), accounts: accounts.size, slots };
  const served = await serveRpc(answer, {
    ...(port === undefined ? {} : { port }),
    pages: { "/": () => info, "/missing": missing },
  });
  return { ...served, missing };
}
