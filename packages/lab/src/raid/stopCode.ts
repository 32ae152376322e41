import type { Address, Hex } from "@testudo/core/model/Hex";

/**
 * Code that reverts where `selector` is called, and does what the code at `implementation` does with everything else: a paused
 * function, on a copy. Written by hand; storage and address stay those of whoever runs it.
 */
export function stopCode(selector: Hex, implementation: Address): Hex {
  const calledSelector = "60003560e01c";
  // To the last block, at byte 71.
  const jumpWhereItIs = `63${selector.slice(2)}1461004757`;
  const delegate = `3660006000376000600036600073${implementation.slice(2)}5af4`;
  // What succeeds goes on at byte 66.
  const answer = "3d600060003e610042573d6000fd5b3d6000f3";
  return `0x${calledSelector}${jumpWhereItIs}${delegate}${answer}5b60006000fd`;
}
