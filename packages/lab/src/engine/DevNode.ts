// A development node as an engine: it forks from a state that we serve, and runs one transaction at a time.
import type { EvmBlock } from "@testudo/core/model/Evm";

/** A node that may be changed at will: anvil, Hardhat's, EDR. Methods are those that they have in common. */
export interface DevNode {
  /** The result of one call. Throws `DevNodeRefused` for what the node answers with an error. */
  request(method: string, params: readonly unknown[]): Promise<unknown>;
  close(): Promise<void>;
  /** Whether it refuses to lower a nonce; then it is opened anew instead. */
  readonly keepsNonces: boolean;
  /** How the random value of the next block is set; without it PREVRANDAO is the node's own. */
  readonly randaoMethod?: string;
}

/** What a node forks from: `block` is the one that is mined next. */
export interface NodeOrigin {
  readonly url: string;
  readonly block: EvmBlock;
  /** The rules by their name in lower case. */
  readonly hardfork: string;
  /** Whether a transaction comes that has more gas than the block has. */
  readonly isUnbounded: boolean;
}

/** Starts a node that mines only when told to, with fees as low as they come and no bound on the size of code. */
export type StartNode = (origin: NodeOrigin) => Promise<DevNode>;

/** A development node answered with an error. Not retryable as it stands. */
export class DevNodeRefused extends Error {
  override readonly name = "DevNodeRefused";
  constructor(method: string, said: string) {
    super(`${method} was refused: ${said.slice(0, 1_000)}`);
  }
}
