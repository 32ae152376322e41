// What a module of the defence has to say of itself so that it can be deployed and verified. A new module is one file
// (its schema and such an object; two where that is long), a key in `Deployment.ts` and a line in `modulesOf.ts`.
import type { Address, Hex } from "@testudo/core/model/Hex";
import type { Abi } from "viem";

/** What modules know of the deployment around them. Addresses are known before anything stands. */
export interface Context {
  /** Hash of the whole checked file: the evidence of every call that the timelock makes for it. */
  readonly fileHash: Hex;
  readonly slowWallet: Address;
  /** A contract of ours by its name in the plan. */
  addressOf(contract: string): Address;
  /** A protected contract by its name in the file. */
  targetOf(name: string): Address;
}

/** A contract to create: `code` is its creation code with the arguments of the constructor. */
export interface Creation {
  readonly contract: string;
  readonly code: Hex;
}

/** What a module adds to the breaker's register: itself as a target, or as a tripper of a group. */
export interface Registration {
  readonly targets?: readonly TargetEntry[];
  readonly trippers?: readonly { readonly caller: Address; readonly group: Hex }[];
}

/** Who sets guard rules on one function by himself, as the breaker registers him. */
export interface ProgramEntry {
  readonly caller: Address;
  readonly target: Address;
  readonly selector: Hex;
}

export interface TargetEntry {
  readonly target: Address;
  readonly inlined: boolean;
  readonly guarded: readonly Hex[];
  readonly exempt: readonly Hex[];
}

/** One value that is read on chain and has to be as the file says. */
export type Expectation = CallExpectation | LogExpectation;

export interface CallExpectation {
  readonly kind: "call";
  readonly module: string;
  readonly field: string;
  readonly to: Address;
  readonly abi: Abi;
  readonly functionName: string;
  readonly args?: readonly unknown[];
  /** The part of the answer that is compared; default: all of it. */
  readonly pick?: (answer: never) => unknown;
  readonly expected: unknown;
}

/** What the events of a contract since its deployment add up to: lists that no function tells. */
export interface LogExpectation {
  readonly kind: "logs";
  readonly module: string;
  readonly field: string;
  readonly address: Address;
  readonly abi: Abi;
  readonly events: readonly string[];
  readonly sum: (logs: readonly DecodedLog[]) => unknown;
  readonly expected: unknown;
}

export interface DecodedLog {
  readonly event: string;
  readonly args: Readonly<Record<string, unknown>>;
}

/** A call to make once everything stands. It is due as long as one of `proofs` does not hold. */
export interface Setting {
  readonly what: string;
  readonly to: Address;
  readonly data: Hex;
  readonly proofs: readonly CallExpectation[];
}

/** A module of the file, bound to what the file says of it. */
export interface DeployModule {
  readonly name: string;
  /** The contracts that it creates, in order: the names that `Context.addressOf` knows. */
  readonly contracts: readonly string[];
  /** Created once all settings are in force: what its constructor asks answers only then. Nothing may name it. */
  readonly isLater?: true;
  creations(context: Context): readonly Creation[];
  registers?(context: Context): Registration;
  /** What only the timelock may call. */
  settings?(context: Context): readonly Setting[];
  /** What anyone may call and may call again without harm. The deployer does, right after the creations. */
  openCalls?(context: Context): readonly Setting[];
  expects(context: Context): readonly Expectation[];
}

/** Why the timelock does it, for `IAccountable`'s events. */
export function whyOf({ fileHash }: Context): { readonly reason: Hex; readonly evidence: Hex } {
  return { reason: deployReason, evidence: fileHash };
}

// "DEPLOYMENT" in ASCII, padded on the right like the reasons of the contracts.
const deployReason = `0x${Buffer.from("DEPLOYMENT").toString("hex").padEnd(64, "0")}` as const;
