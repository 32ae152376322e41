import { sleep } from "@testudo/chain/rpc/sleep";
import type { StreamTrouble } from "@testudo/core/model/ChainEvent";
import type { Commit } from "@testudo/core/model/Output";
import type { Program } from "@testudo/core/model/Program";
import type { Store } from "../store/Store.ts";
import type { Health } from "../watch/health.ts";
import { type Fingerprints, fingerprintsOf, noteConfiguration } from "./noteConfiguration.ts";
import type { Observability } from "./Observability.ts";
import { sendHeartbeats } from "./sendHeartbeats.ts";
import { watchPeer } from "./watchPeer.ts";

/** What of a watch's options matters here. */
export interface SelfWatchOptions {
  readonly options: {
    readonly program: Program;
    readonly observe?: Observability;
    readonly fingerprints?: Fingerprints;
    readonly channels: readonly { readonly name: string; readonly minSeverity: string }[];
    readonly signal: AbortSignal;
  };
  readonly store: Store;
  readonly health: Health;
  readonly tell: (trouble: StreamTrouble) => void;
  readonly onHeartbeat: (atMs: number) => void;
}

/** What looks after the watch itself, beside the stream: configuration, heartbeat, a second watch. */
export interface SelfWatch {
  onStored(commit: Commit): void;
  /** Resolves after the signal, when nothing runs any more. */
  readonly done: Promise<void>;
}

export function startSelfWatch({ options, store, health, tell, onHeartbeat }: SelfWatchOptions): SelfWatch {
  const { observe = {}, program, signal } = options;
  const { heartbeat, peer } = observe;
  const other = peer && watchPeer({ settings: peer, tell, signal });
  const state = () => {
    const stuck = health.stuck();
    const head = health.head();
    const facts = { chainId: program.chainId, head: head === undefined ? null : `${head.number}` };
    return { body: facts, ...(stuck === undefined ? {} : { stuck }) };
  };
  // Until one is taken the start counts, so that an outside that never takes any is missed as well.
  if (heartbeat) onHeartbeat(Date.now());
  const jobs = [
    compareConfiguration({ options, store, health, tell, onHeartbeat }),
    ...(heartbeat ? [sendHeartbeats({ settings: heartbeat, state, tell, onTaken: onHeartbeat, signal })] : []),
    ...(other ? [other.done] : []),
  ];
  return { onStored: (commit) => other?.onStored(commit), done: Promise.all(jobs).then(() => undefined) };
}

async function compareConfiguration({ options, store, health, tell }: SelfWatchOptions): Promise<void> {
  const { program, channels, fingerprints = {}, signal } = options;
  const named = channels.map(({ name, minSeverity }) => [`channel ${name}`, `from ${minSeverity}`] as const);
  const parts = { ...fingerprintsOf(program), ...Object.fromEntries(named), ...fingerprints };
  const changes = await noteConfiguration(store, parts);
  if (changes.length === 0) return;
  // Before a block is judged nothing can be raised.
  while (health.head() === undefined && !signal.aborted) await sleep(200, signal);
  const shown = changes.slice(0, 10).join("; ");
  const more = changes.length > 10 ? `; and ${changes.length - 10} more` : "";
  const message = `The configuration is not that of the last start: ${shown}${more}.`;
  tell({ kind: "trouble", trouble: "config-edited", endpoint: "configuration", message });
}
