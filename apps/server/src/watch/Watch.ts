import type { BlockRef } from "@testudo/core/model/BlockBundle";
import type { Hex } from "@testudo/core/model/Hex";
import type { Input } from "@testudo/core/model/Input";
import type { Commit } from "@testudo/core/model/Output";
import type { Program } from "@testudo/core/model/Program";
import type { Signer } from "@testudo/core/model/Signer";
import type { Person } from "../api/Person.ts";
import type { BranchLimits } from "../branch/branchLimits.ts";
import type { RemoteConfig, Settings } from "../config/Config.ts";
import type { Channel } from "../deliver/Channel.ts";
import type { Escalation } from "../deliver/decideTimers.ts";
import type { RelayAccess } from "../jobs/send/Relay.ts";
import type { ProgramSource } from "../jobs/step/programSource.ts";
import type { DeploymentWatch } from "../jobs/timed/watchDeployment.ts";
import type { Fingerprints } from "../observe/noteConfiguration.ts";
import type { Observability } from "../observe/Observability.ts";
import type { PendingVerdict } from "../preblock/PendingVerdict.ts";
import type { Probed } from "../preblock/probeCreations.ts";
import type { Store } from "../store/Store.ts";
import type { DeliveryOptions } from "./openDelivery.ts";
import type { Reload, Reloaded } from "./reloadRules.ts";

/** What a watch is made of. */
export interface WatchOptions {
  readonly source: ProgramSource;
  /** The same program, for what the main thread has to know of it. */
  readonly program: Program;
  readonly rpc: readonly string[];
  /** WebSockets that say when to ask `rpc` for its head. Default none. */
  readonly heads?: readonly string[];
  readonly quorum: number;
  readonly dataDir: string;
  readonly api: { readonly host: string; readonly port: number };
  readonly channels: readonly Channel[];
  /** First block at the first start; later starts go on from the cursor. Blocks before the head are history. */
  readonly fromBlock?: bigint;
  readonly pollMs?: number;
  /** Whether what is found in history is sent to the channels too (DET-09). Default: it is stored only. */
  readonly deliverHistory?: boolean;
  readonly detectorLimitMs: number;
  /** How long a notice is tried, and how long to wait between (milliseconds). Defaults: a day, 1 s to 1 h. */
  readonly outbox?: DeliveryOptions["outbox"];
  /** Whom to tell when nobody acknowledges; default nobody. */
  readonly escalations?: readonly Escalation[];
  /** How often channels are tested, and when first (milliseconds). Defaults: a week, ten minutes. */
  readonly channelTests?: DeliveryOptions["tests"];
  /** What Slack signs its requests to us with. */
  readonly slackSecrets?: readonly string[];
  /** Pays for sending an agreed pause. Without one, proposals wait for someone else to send them. */
  readonly sender?: Signer;
  /** How the relay is reached that the policy names; there has to be one where the policy names one and a `sender` is given. */
  readonly relay?: RelayAccess;
  /** Compares the deployment with its file every so often. */
  readonly deployment?: Pick<DeploymentWatch, "check" | "everyMs">;
  /** Other chains that detectors read. */
  readonly remotes?: readonly RemoteConfig[];
  /** Metrics are always there; spans, heartbeat and a second watch as this says. */
  readonly observe?: Observability;
  /** Parts of the configuration beside the program, as hashes: a change since the last start is told (SELF-01). */
  readonly fingerprints?: Fingerprints;
  /** Told of each stored commit. */
  readonly onStored?: (commit: Commit, times: { readonly receivedAtMs?: number; readonly storedAtMs: number }) => void;
  /** The configuration behind `source`: with it, edits of its files are taken over while the watch runs (DET-06). */
  readonly settings?: Settings;
  /** Told what became of an edit that was noticed in the files. */
  readonly onReloaded?: (reloaded: Reloaded) => void;
  readonly nameOf?: (target: Hex, selector: Hex) => string | undefined;
  /** What judging disputed branches may cost, where it is not the default. */
  readonly branches?: Partial<BranchLimits>;
  /** Judges what waits in the pool. Without it only blocks are judged. */
  readonly preblock?: PreblockSettings;
  /** Executes live blocks again that no node traces. Without it they come without call trees. */
  readonly reexecute?: ReexecuteSettings;
  /** Whoever has a token of his own for the HTTP interface. */
  readonly people?: readonly Person[];
  readonly signal: AbortSignal;
}

/** How blocks are executed again. */
export interface ReexecuteSettings {
  /** Rules of the chain by name, for the engine. Default: what the node tells, or mainnet's at that time. */
  readonly hardfork?: string | undefined;
}

/** How what waits in the pool is judged, and what is new on the chain probed. */
export interface PreblockSettings {
  /** Whether the nodes' pools are followed; otherwise only what is handed in over HTTP. */
  readonly followPool: boolean;
  /** Whether new contracts near the protected set are called on a fork. Default: they are. */
  readonly probes?: boolean;
  /** How long the probe of one contract may take, in milliseconds. Default: as long as a block, and at most 2 s. */
  readonly probeMs?: number;
  /** Whether `POST /pending` takes transactions. Default: it does. */
  readonly endpoint?: boolean;
  /** Public keys of age for which a harmful call is encrypted. Without any its hash alone is kept. */
  readonly recipients?: readonly string[];
  /** Lets a relay hand in signed bytes, and do nothing else. */
  readonly relayToken?: string;
  /** Rules of the chain by name, for the engine. Default: mainnet's at that time. */
  readonly hardfork?: string;
  readonly onVerdict?: (verdict: PendingVerdict) => void;
  /** Told of each probe of a new contract. */
  readonly onProbed?: (probed: Probed) => void;
}

/** A running watch. */
export interface Watch {
  readonly url: string;
  readonly token: string;
  readonly store: Store;
  /** The block that an earlier run in this folder ended with; undefined at the first start. */
  readonly resumedFrom: BlockRef | undefined;
  /** Gives an input to the pipeline, before the next block. */
  tell(input: Input): void;
  /** Reads the files again and takes over what they say; absent without `settings`. */
  readonly reload: Reload | undefined;
  /** Pending transactions that are not judged yet. */
  pendingWaiting(): number;
  /** Resolves when the watch has ended and everything is closed. */
  readonly done: Promise<void>;
}
