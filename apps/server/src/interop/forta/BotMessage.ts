import type { MessagePort } from "node:worker_threads";

// What goes between the detection thread and the thread that a Forta bot runs in: plain data, copied.

/** A transaction as Forta's SDK describes it, and a call as `trace_block` does. */
export interface BotTransaction {
  readonly transaction: { readonly [field: string]: string | number | null };
  readonly logs: readonly { readonly [field: string]: unknown }[];
  readonly traces: readonly { readonly [field: string]: unknown }[];
  readonly addresses: { readonly [address: string]: boolean };
  readonly contractAddress: string | null;
}

export interface BotBlock {
  readonly chainId: number;
  readonly block: {
    readonly [field: string]: unknown;
    readonly hash: string;
    readonly parentHash: string;
    readonly number: number;
    readonly timestamp: number;
  };
  readonly txs: readonly BotTransaction[];
}

/** What a bot found, as its SDK says it, with where. */
export interface BotFinding {
  readonly bot: string;
  readonly txHash?: string;
  readonly name: string;
  readonly description: string;
  readonly alertId: string;
  readonly protocol: string;
  readonly severity: number;
  readonly type: number;
  readonly metadata: { readonly [key: string]: string };
  readonly addresses: readonly string[];
  readonly labels: readonly BotLabel[];
  readonly uniqueKey: string;
}

/** What a bot calls an address, a transaction, a block or a page, and how sure it is (0 to 1). Removed: no longer. */
export interface BotLabel {
  readonly entityType: number;
  readonly entity: string;
  readonly label: string;
  readonly confidence: number;
  readonly isRemoved: boolean;
}

export interface BotSource {
  readonly id: string;
  /** Absolute path of the module that exports the handlers. */
  readonly module: string;
}

export interface BotThreadData {
  readonly bots: readonly BotSource[];
  readonly allowsNetwork: boolean;
  readonly signal: SharedArrayBuffer;
  /** Ours of two ends; the other waits. */
  readonly port: MessagePort;
}

export type BotReply =
  | { readonly kind: "ready" }
  | { readonly kind: "found"; readonly findings: readonly BotFinding[] }
  | { readonly kind: "failed"; readonly message: string };
