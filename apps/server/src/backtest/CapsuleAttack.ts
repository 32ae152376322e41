import type { EvmTransaction } from "@testudo/core/model/Evm";
import type { Address } from "@testudo/core/model/Hex";

/** How a capsule is attacked: what a module that the back-test loads knows of it. */
export interface CapsuleAttack {
  /** Name of the capsule's file. */
  readonly file: string;
  readonly name: string;
  readonly mechanism: string;
  /** What the victim would have named to `watch --protect`. */
  readonly protect: readonly Address[];
  /** Who sends; given ether for gas. */
  readonly attacker: Address;
  /** Sent one a block. The last one is the attack, those before prepare it. */
  readonly transactions: readonly EvmTransaction[];
}

/** What the module exports. `folder` is where the capsules are. */
export interface CapsuleAttacks {
  capsuleAttacks(folder: string): readonly CapsuleAttack[];
}
