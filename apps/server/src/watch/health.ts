import type { BlockRef } from "@testudo/core/model/BlockBundle";
import type { Commit } from "@testudo/core/model/Output";
import type { ApiStatus } from "../api/Api.ts";
import { readStatus } from "../operator/readStatus.ts";
import type { Store } from "../store/Store.ts";

/** What of a watch is fixed and shown in its status. */
export interface HealthOptions {
  readonly dataDir: string;
  readonly chainId: number;
  readonly quorum: number;
  readonly endpoints: readonly string[];
  readonly detectors: readonly string[];
  /** The last block that a run before this one stored. */
  readonly head: BlockRef | undefined;
}

/** Follows what is committed and says how the watch is. */
export interface Health {
  onStored(commit: Commit): void;
  head(): BlockRef | undefined;
  /** The detectors that judge from now on. */
  setDetectors(detectors: readonly string[]): void;
  status(store: Store): Promise<ApiStatus>;
}

/** Starts with no head: not ready before the first block is stored. */
export function openHealth({
  dataDir,
  chainId,
  quorum,
  endpoints,
  detectors: first,
  head: before,
}: HealthOptions): Health {
  let head = before;
  let isReady = false;
  let detectors = first;
  const troubles = new Map<string, string>();
  return {
    onStored(commit) {
      if (commit.cursor) {
        head = commit.cursor;
        isReady = true;
      }
      for (const record of commit.records) {
        if (record.kind !== "Remark" || record.topic !== "trouble") continue;
        // What a channel did not take is counted in the outbox until a person sends it again; the watch itself is well.
        if (record.text.startsWith("dead-letter")) continue;
        if (record.text.startsWith("recovered")) troubles.delete(record.actor);
        else troubles.set(record.actor, record.text);
      }
    },
    head: () => head,
    setDetectors(next) {
      detectors = next;
    },
    async status(store) {
      const reasons = [...troubles.values()];
      const stored = await readStatus(store, dataDir);
      if (stored.outbox.dead > 0)
        reasons.push(`${stored.outbox.dead} notices were given up; deadLetters names the newest`);
      for (const { name } of stored.channels.filter(({ isStale }) => isStale))
        reasons.push(`no test of channel ${name} went through for 8 days; run \`testudo channels test ${name}\``);
      if (!isReady) reasons.push("no block has been judged yet");
      if (quorum < 2) reasons.push("quorum 1: a single node is believed; add a second one of another operator");
      return {
        healthy: troubles.size === 0,
        ready: isReady,
        reasons,
        chainId,
        quorum,
        endpoints: endpoints.map((label) => ({ label, state: troubles.has(label) ? "ill" : "well" })),
        detectors,
        ...stored,
      };
    },
  };
}
