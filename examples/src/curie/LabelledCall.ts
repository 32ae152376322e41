import type { Call } from "./ChainSession.ts";

/** A transaction to send in a slot, and who sends it. */
export type LabelledCall = {
  readonly role: "benign" | "attack";
  readonly label: string;
  readonly call: Call;
  /** Sent after everyone else's transactions of the slot. */
  readonly isLast?: boolean;
};
