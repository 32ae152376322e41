import type { Action } from "@testudo/core/model/Action";
import type { Address, Hex } from "@testudo/core/model/Hex";
import type { Input } from "@testudo/core/model/Input";
import type { PendingTx } from "@testudo/core/model/PendingTx";
import type { TypedMessage } from "@testudo/core/model/Signer";
import type { JudgeVenn } from "../detect/openVennDesk.ts";
import type { PendingVerdict } from "../preblock/PendingVerdict.ts";
import type { TakeReport } from "../report/openReportDesk.ts";
import type { FeedEntry } from "../store/readFeed.ts";
import type { Store } from "../store/Store.ts";
import type { Reload } from "../watch/reloadRules.ts";
import type { Bus } from "./Bus.ts";
import type { Person } from "./Person.ts";

/** How the server is. `healthy` false gives 503 on /healthz (start it again), `ready` false on /readyz (it does not watch as it should); `reasons` say why. Further keys are shown as they are. */
export interface ApiStatus {
  readonly healthy: boolean;
  readonly ready: boolean;
  readonly reasons: readonly string[];
  readonly [key: string]: unknown;
}

/** What people can bring in over HTTP. */
export type HumanInput = Extract<Input, { kind: "approval" | "acknowledge" | "resolve" | "review" }>;

/** Whether an input was taken; `reason` says why not. */
export interface Submitted {
  readonly accepted: boolean;
  readonly reason?: string;
}

/** What the HTTP interface is made over. */
export interface ApiOptions {
  readonly store: Store;
  /** Entries of each commit, in order, published after it is durable. */
  readonly bus: Bus<readonly FeedEntry[]>;
  /** Lets changes in. */
  readonly token: string;
  /** Whoever has a token of his own. Default nobody. */
  readonly people?: readonly Person[];
  readonly status: () => ApiStatus | Promise<ApiStatus>;
  /** The text of /metrics; without it there is none. */
  readonly metrics?: () => Promise<{ readonly contentType: string; readonly text: string }>;
  /** Gives an input to the pipeline; resolves when it is taken. */
  readonly submit: (input: HumanInput) => Promise<Submitted>;
  /** Takes a report. Left out where nothing is watched. */
  readonly takeReport?: TakeReport;
  /** Judges a pending transaction. Left out where none are judged. */
  readonly judgePending?: (tx: PendingTx) => Promise<PendingVerdict>;
  /** Judges a transaction of `POST /detect`. Left out: on the thread that serves. */
  readonly judgeVenn?: JudgeVenn;
  /** Lets signed bytes in by POST /pending, and nothing else. */
  readonly relayToken?: string;
  /** Whether the policy names `signer` as one whose signature counts. Left out: nobody is refused. */
  readonly isGuardian?: (signer: Address) => boolean;
  /** The EIP-712 message that guardians sign for an action. */
  readonly toTypedMessage: (action: Action) => TypedMessage;
  /** A name for people of a function, such as `withdraw(uint256)`. */
  readonly nameOf?: (target: Hex, selector: Hex) => string | undefined;
  /** Sends a test to a channel; returns its notice. */
  readonly testChannel?: (name: string) => Promise<Hex>;
  /** Told that dead letters wait again. */
  readonly onRequeued?: () => void;
  /** What Slack signs with; without one its clicks are not taken. */
  readonly slackSecrets?: readonly string[];
  /** Unix milliseconds; for tests. */
  readonly now?: () => number;
  /** Reads configuration and rules again; absent where there is none. */
  readonly reload?: Reload;
  readonly feed?: Partial<FeedLimits>;
  /** Told of errors that a caller only sees as 500. */
  readonly onError?: (error: unknown) => void;
}

/** Bounds of the event feed, so that readers cannot use the server up. */
export interface FeedLimits {
  readonly heartbeatMs: number;
  /** Entries that wait in memory for one reader; what is beyond is read from the store again when it is its turn. */
  readonly bufferEntries: number;
  /** How long a reader may take nothing while something waits for it; then it is dropped. */
  readonly stallMs: number;
  /** How long a dropped reader has to take the last words. */
  readonly graceMs: number;
  readonly readers: number;
}
