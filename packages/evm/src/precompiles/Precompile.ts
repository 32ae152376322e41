/** A contract that the chain itself carries, called at a low address. Both functions depend on the input alone. */
export interface Precompile {
  /** As the EIP or the Yellow Paper calls it; for traces and messages. */
  readonly name: string;
  /** What a call costs. Never slow, whatever the input says of its own length; call it before `run`. */
  gas(input: Uint8Array): bigint;
  /** The output, or undefined where the call fails and takes all its gas. Only to be called when `gas` has been paid. */
  run(input: Uint8Array): Uint8Array | undefined;
}
