import type { OpenEvm } from "@testudo/core/model/Evm";
import { hardforkOf, isOurFork } from "../record/hardforkOf.ts";

/**
 * Opens our engine for a block whose rules it knows, and `@ethereumjs/vm` for any other: blocks before Cancun, and forks that
 * came after those of `@testudo/evm/fork`. Either is loaded when it is first needed.
 */
export const openEvm: OpenEvm = async (source, block, limits) => {
  const fork = hardforkOf(block);
  if (!isOurFork(fork)) return (await import("./openEthereumjs.ts")).openEthereumjs(source, block);
  return (await import("./openTestudo.ts")).openTestudo(source, block, fork, limits);
};
