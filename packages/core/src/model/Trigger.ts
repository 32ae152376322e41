import type { Address, Hex } from "./Hex.ts";

/**
 * Something that a block may hold. A detector that names its triggers has nothing to say, to read or to remember about a block
 * that holds none of them, so that it is not run there: a thousand rules cost what the rules cost that a block concerns.
 * Too wide a trigger costs time, too narrow a one is a missed alert.
 *
 * `log`: an event of this topic 0. `call`: a frame in whose context the code runs. `entry`: what a transaction itself calls.
 * `party`: sender, callee or emitter. Without a selector: any call.
 */
export type Trigger =
  | { readonly kind: "log"; readonly topic: Hex; readonly at: TriggerPlace }
  | { readonly kind: "call"; readonly selector?: Hex; readonly at: TriggerPlace }
  | { readonly kind: "entry"; readonly selector: Hex; readonly at: TriggerPlace }
  | { readonly kind: "party"; readonly at: TriggerPlace };

/** Where: at these addresses (lower case), anywhere, or at the protected ones. */
export type TriggerPlace = readonly Address[] | "any" | "watched";
