import type { Severity } from "./Finding.ts";
import type { FindingStatus } from "./FindingStatus.ts";
import type { Address, Hex } from "./Hex.ts";

/** What a notice that stands for others says of one of them. */
export type GatheredAlert = Pick<Notice, "thread" | "severity" | "transition" | "detector" | "title">;

/**
 * Something to tell people, once per channel. `id` is stable over crashes and retries: receivers may use it to drop
 * doubles. `thread` is the same for all notices about one alert, so that a retraction reaches the original's thread.
 */
export interface Notice {
  readonly kind: "Notice";
  readonly id: Hex;
  readonly thread: Hex;
  readonly topic: "finding" | "incident" | "action" | "health";
  readonly transition: FindingStatus["transition"] | string;
  readonly severity: Severity;
  /** One line. Text that came from the chain is escaped by the channel. */
  readonly title: string;
  readonly body: string;
  readonly chainId: number;
  readonly blockNumber: bigint;
  readonly blockHash: Hex;
  readonly txHash?: Hex;
  readonly subject?: Address;
  readonly detector?: string;
  /** Who answers for the detector; alerts are routed by it. */
  readonly owner?: string;
  /** The record that this speaks of. */
  readonly record: Hex;
  readonly incident?: Hex;
  /** Of an action: which it is, and the functions of its target, `subject`, that it is about. */
  readonly action?: { readonly id: Hex; readonly selectors: readonly Hex[] };
  /** Of a digest: how many alerts it stands for, and the most severe of them, first. */
  readonly digest?: { readonly count: number; readonly alerts: readonly GatheredAlert[] };
  readonly runbook: string;
  /** Set where it speaks of history, which is told only by order: nothing that happens now, and nothing to act on. */
  readonly phase?: "history";
}
