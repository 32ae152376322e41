import type { Hex } from "@testudo/core/model/Hex";

/** The endpoint has no such block, now. It may lag, or the block was orphaned. */
export class BlockUnknown extends Error {
  override readonly name = "BlockUnknown";
  constructor(endpoint: string, at: Hex | bigint) {
    super(
      [
        `Node ${endpoint} has no block ${typeof at === "bigint" ? `number ${at}` : at}.`,
        "- A block must be on the chain that the node follows.",
        "- It may still arrive, or it was orphaned; ask again or ask another node.",
      ].join("\n"),
    );
  }
}
