import type { Address, Hex } from "@testudo/core/model/Hex";
import type { Engine } from "@testudo/evm/openEngine";
import type { Callable } from "./Callable.ts";
import type { Dictionary } from "./Dictionary.ts";
import type { TellPlace } from "./nameFailures.ts";
import type { Property } from "./Property.ts";

/** What is hunted, on the state that the hunt begins with. */
export interface HuntTarget {
  /** With `huntHooks` on. */
  readonly engine: Engine;
  readonly callables: readonly Callable[];
  readonly properties: readonly Property[];
  readonly senders: readonly Address[];
  /** Worth giving as arguments. */
  readonly addresses: readonly Address[];
  readonly dictionary: Dictionary;
  /** Events that stand for a failed assertion, by topic. */
  readonly assertionEvents: ReadonlyMap<Hex, string>;
  readonly tellPlace: TellPlace;
  /** Most seconds between two calls. */
  readonly mostSeconds: number;
}

/** What the engine has to record. */
export const huntHooks = { edges: true, comparisons: true, assertions: true } as const;
