import type { Scope } from "@testudo/core/model/BlockBundle";
import type { FindingClass } from "@testudo/core/model/Finding";
import type { Hex } from "@testudo/core/model/Hex";
import type { Trigger } from "@testudo/core/model/Trigger";
import type { ZodType } from "zod";
import type { Contracts, EventKey, FunctionKey } from "./ContractSource.ts";
import type { BlockHandling, EventHandling, FrameHandling, TxHandling } from "./Handling.ts";

/** A detector as its author writes it. */
export interface DetectorDefinition<C extends Contracts, P extends object> {
  /** Lower case, digits and hyphens. Memory and alert identity hang on it. */
  readonly id: string;
  /** semver; with a new major part the memory begins anew. */
  readonly version: string;
  /** What to do when it fires, and who does it. Neither may be empty. */
  readonly runbook: string;
  readonly owner: string;
  readonly kind: Exclude<FindingClass, "vulnerability">;
  /** When a finding counts as confirmed: at once, after so many blocks, or with the chain's own mark (default). */
  readonly finality?: "latest" | "finalized" | number;
  /** Default: what the handlers in `setup` use. */
  readonly needs?: { readonly all: readonly Scope[]; readonly degraded?: readonly Scope[] };
  /** First topics of the logs that handlers look for inside call frames, none for []. Default: any, which makes a back-scan slower. */
  readonly frameLogs?: readonly Hex[];
  /** Default: the fields of `defaults`, each of its type, and no others. */
  readonly params?: ZodType<P>;
  readonly defaults?: P;
  readonly contracts?: C;
  /** An exact identity whose breach alone may lead to an automatic action. Only for kind "invariant". */
  readonly hard?: boolean;
  /** Says what to listen to. Runs once for each set of parameters, before any block. */
  setup(app: DetectorApp<C, P>, p: P): void;
}

/** What a transaction itself shows, without its events and calls. */
export type TxTrigger = Extract<Trigger, { readonly kind: "entry" | "party" }>;

/**
 * What a detector can listen to. For each transaction in order: `tx`, then its events, then its calls; `block` last.
 * A handler returns nothing and is not async: state that is not there yet ends it and it runs again from its start.
 */
export interface DetectorApp<C extends Contracts, P extends object> {
  /** An event of a contract, decoded. What does not decode is skipped, counted and told. */
  on<K extends EventKey<C>>(key: K, handler: (c: EventHandling<C, P, K>) => void): void;
  /** A call into a contract that lasted, its code run by delegation included. */
  trace<K extends FunctionKey<C>>(key: K, handler: (c: FrameHandling<C, P, K>) => void): void;
  /** Each transaction; with `only`, each one that pulls one of these triggers and no other. */
  tx(handler: (c: TxHandling<C, P>) => void, only?: readonly TxTrigger[]): void;
  /** Each `every`-th block by number. */
  block(options: { readonly every: number }, handler: (c: BlockHandling<C, P>) => void): void;
}
