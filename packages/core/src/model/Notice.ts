import type { Severity } from "./Finding.ts";
import type { FindingStatus } from "./FindingStatus.ts";
import type { Address, Hex } from "./Hex.ts";

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
  readonly runbook: string;
  /** Set where it speaks of history, which is told only by order: nothing that happens now, and nothing to act on. */
  readonly phase?: "history";
}
