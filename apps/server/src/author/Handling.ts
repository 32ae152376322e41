import type { Asset } from "@testudo/core/model/Asset";
import type { BlockBundle, Transaction } from "@testudo/core/model/BlockBundle";
import type { Visit } from "@testudo/core/model/CallTree";
import type { Plain } from "@testudo/core/model/canonicalJson";
import type { DetectContext } from "@testudo/core/model/Detector";
import type { FindingClass, FindingDraft, Severity } from "@testudo/core/model/Finding";
import type { FrameId } from "@testudo/core/model/FrameId";
import type { Address, Hex } from "@testudo/core/model/Hex";
import type { TxView } from "@testudo/core/model/TxView";
import type { Contracts, EventArgs, FrameArgs, Reads } from "./ContractSource.ts";
import type { Remembering } from "./Remembering.ts";

/** A finding as a handler reports it: what is left out is taken from the event, call or transaction at hand. */
export interface HandlerFinding {
  readonly severity: Severity;
  /** One sentence for a person. Text from the chain does not belong into it. */
  readonly reason?: string;
  readonly subject?: Address;
  readonly addresses?: readonly Address[];
  /** What makes two findings the same alert; default: the transaction. */
  readonly key?: readonly string[];
  /** 0..1; default 1. */
  readonly score?: number;
  readonly class?: Exclude<FindingClass, "vulnerability">;
  readonly evidence?: FindingDraft["evidence"];
}

/** What every handler is given. */
export interface BlockHandling<C extends Contracts, P extends object> extends Remembering {
  readonly chainId: number;
  readonly block: BlockBundle;
  /** The parameters. */
  readonly p: P;
  /** Views of the contracts, at this block unless told otherwise. The type follows the ABI. */
  readonly read: Reads<C>;
  /** Runs each function, and asks for the state that all of them lack in one go; gives their results in order. */
  together<T extends readonly (() => unknown)[]>(...reads: T): { [I in keyof T]: ReturnType<T[I]> };
  /** The code that runs behind a contract's address after this block, through whatever proxy (DET-04); undefined: its own. */
  implementation(contract: keyof C & string, of?: Address): Address | undefined;
  finding(finding: HandlerFinding): void;
  /** Reports a finding of class invariant under `name` where `holds` is false. */
  invariant(name: string, holds: boolean, evidence?: { readonly [key: string]: Plain }): void;
  /** What detectors without this interface are given. */
  readonly raw: DetectContext<P>;
}

export interface TxHandling<C extends Contracts, P extends object> extends BlockHandling<C, P> {
  readonly tx: Transaction;
  readonly view: TxView;
  readonly flow: {
    /** Net of all addresses of a contract in this transaction by asset, signed, in smallest units. */
    net(contract: keyof C & string): ReadonlyMap<Asset, bigint>;
  };
}

export interface EventHandling<C extends Contracts, P extends object, K> extends TxHandling<C, P> {
  readonly event: {
    readonly name: string;
    /** Who emitted it, lower case like every address here. */
    readonly address: Address;
    readonly args: EventArgs<C, K>;
    readonly logIndex: number;
    readonly topics: readonly Hex[];
    readonly data: Hex;
  };
}

export interface FrameHandling<C extends Contracts, P extends object, K> extends TxHandling<C, P> {
  readonly frame: {
    /** Names this call where state is read: `{ at: { beforeCall: c.frame.id } }`, `{ at: { afterCall: c.frame.id } }`. */
    readonly id: FrameId;
    /** The function's name; undefined where the ABI does not know the selector. */
    readonly name: string | undefined;
    readonly selector: Hex;
    readonly args: FrameArgs<C, K>;
    /** The address that was called: for a proxy the proxy's. */
    readonly address: Address;
    readonly from: Address;
    readonly value: bigint;
    /** Whose code ran in this very call, where it was run by delegation. */
    readonly implementation: Address | undefined;
    /** Whether an earlier call into `contract` (default: this one) is still open, with foreign code in between. */
    reenters(contract?: keyof C & string): boolean;
    readonly visit: Visit;
  };
}
