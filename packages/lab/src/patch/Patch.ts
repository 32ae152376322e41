// A patch as data: what a defender changes, small enough to be tried on a copy and to be undone.
import type { GuardRule } from "@testudo/core/model/GuardRule";
import type { Address, Hex } from "@testudo/core/model/Hex";
import type { CapsuleTransaction } from "../record/Capsule.ts";

/** The one version of the format that is read and written. */
export const patchFormat = "testudo-patch/1";

/** Rules of the breaker, for `seconds`. One a selector; each is taken back by one call. */
export interface GuardRulePatch {
  readonly kind: "guardRule";
  readonly name: string;
  readonly rules: readonly GuardRule[];
  readonly seconds: number;
}

/** Values that the steward `by` proposes and applies at the RiskSteward. */
export interface ParameterPatch {
  readonly kind: "parameter";
  readonly name: string;
  readonly steward: Address;
  readonly by: Address;
  readonly values: readonly { readonly id: Hex; readonly value: bigint }[];
}

/** New code: behind the ERC-1967 proxy `target`, or at `target` itself where that is none. */
export interface UpgradePatch {
  readonly kind: "upgrade";
  readonly name: string;
  readonly target: Address;
  /** Runtime code. */
  readonly code: Hex;
  readonly layout?: { readonly before: StorageLayout; readonly after: StorageLayout };
  readonly abi?: { readonly before: readonly AbiEntry[]; readonly after: readonly AbiEntry[] };
}

/** Transactions of governance, as they would be executed. */
export interface TransactionsPatch {
  readonly kind: "transactions";
  readonly name: string;
  readonly transactions: readonly CapsuleTransaction[];
}

export type Patch = GuardRulePatch | ParameterPatch | UpgradePatch | TransactionsPatch;

/** What solc prints as `storageLayout`, as far as it is compared. */
export interface StorageLayout {
  readonly storage: readonly {
    readonly label: string;
    readonly slot: string;
    readonly offset: number;
    readonly type: string;
  }[];
}

/** An entry of a contract's ABI, as far as it is compared. */
export interface AbiEntry {
  readonly type: string;
  readonly name?: string | undefined;
  readonly inputs?: readonly AbiInput[] | undefined;
}

export interface AbiInput {
  readonly type: string;
  readonly components?: readonly AbiInput[] | undefined;
}

/** A condition on what a view answers, read as a number once all has run. */
export interface Invariant {
  readonly name: string;
  readonly to: Address;
  readonly input: Hex;
  readonly atMost?: bigint;
  readonly atLeast?: bigint;
}
