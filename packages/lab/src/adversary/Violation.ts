import type { Call } from "./Call.ts";

/** What must never happen, and did. */
export interface Violation {
  /** The event's text, the place of the assertion, or the property's name. */
  readonly name: string;
  readonly kind: "assertion" | "property";
  /** Calls in their order, the last of which breaks it. */
  readonly calls: readonly Call[];
  /** How many calls had run. */
  readonly atCall: number;
  /** Since the search began. */
  readonly seconds: number;
}
