import { flashCallbacks } from "./FlashLoan.ts";

/** Calls that a pool makes in the midst of a swap, after its price has moved and before it is paid. */
export const swapCallbacks: ReadonlyMap<string, string> = new Map([
  ["0xfa461e33", "uniswapV3SwapCallback(int256,int256,bytes)"],
  ["0x23a69e75", "pancakeV3SwapCallback(int256,int256,bytes)"],
  ["0x2c8958f6", "algebraSwapCallback(int256,int256,bytes)"],
  ["0xfa483e72", "swapCallback(int256,int256,bytes)"],
]);

/** Further calls by which a pool hands control to who called it, by design; flash loans have a list of their own. */
export const poolCallbacks: ReadonlyMap<string, string> = new Map([
  ["0xd3487997", "uniswapV3MintCallback(uint256,uint256,bytes)"],
  ["0x99eee9d0", "pancakeV3MintCallback(uint256,uint256,bytes)"],
  ["0x3dd657c5", "algebraMintCallback(uint256,uint256,bytes)"],
  ["0x18780684", "swapX2YCallback(uint256,uint256,bytes)"],
  ["0xd3e1c284", "swapY2XCallback(uint256,uint256,bytes)"],
  ["0x9a7bff79", "hook(address,uint256,uint256,bytes)"],
  ["0x2075be03", "onMorphoSupply(uint256,bytes)"],
  ["0x05b4591c", "onMorphoRepay(uint256,bytes)"],
  ["0xb1022fdf", "onMorphoSupplyCollateral(uint256,bytes)"],
  ["0xcf7ea196", "onMorphoLiquidate(uint256,bytes)"],
  ["0x8452c10e", "clipperCall(address,uint256,uint256,bytes)"],
  [
    "0x585da628",
    "reactorCallback(((address,address,uint256,uint256,address,bytes),(address,uint256,uint256),(address,uint256,address)[],bytes,bytes32)[],bytes)",
  ],
  ["0x91dd7346", "unlockCallback(bytes)"],
  ["0xab6291fe", "lockAcquired(bytes)"],
]);

/** Whether a call is one by which a pool or lender hands control, by design, to who asked it. */
export function isHandOver(name: string): boolean {
  return flashCallbacks.has(name) || swapCallbacks.has(name) || poolCallbacks.has(name);
}

/** By which token standards tell a contract that it got something. */
export const tokenHooks: ReadonlyMap<string, string> = new Map([
  ["0x150b7a02", "onERC721Received(address,address,uint256,bytes)"],
  ["0xf23a6e61", "onERC1155Received(address,address,uint256,uint256,bytes)"],
  ["0xbc197c81", "onERC1155BatchReceived(address,address,uint256[],uint256[],bytes)"],
  ["0x0023de29", "tokensReceived(address,address,address,uint256,bytes,bytes)"],
]);

const key = "(address,address,uint24,int24,address)";
const liquidity = "(int24,int24,int256,bytes32)";

/** What Uniswap 4's pool manager asks of a pool's hook, and nobody else may. What it asks as a pool is opened is not among them. */
export const hookCalls: ReadonlyMap<string, string> = new Map([
  ["0x575e24b4", `beforeSwap(address,${key},(bool,int256,uint160),bytes)`],
  ["0xb47b2fb1", `afterSwap(address,${key},(bool,int256,uint160),int256,bytes)`],
  ["0x259982e5", `beforeAddLiquidity(address,${key},${liquidity},bytes)`],
  ["0x9f063efc", `afterAddLiquidity(address,${key},${liquidity},int256,int256,bytes)`],
  ["0x21d0ee70", `beforeRemoveLiquidity(address,${key},${liquidity},bytes)`],
  ["0x6c2bbe7e", `afterRemoveLiquidity(address,${key},${liquidity},int256,int256,bytes)`],
  ["0xb6a8b0fa", `beforeDonate(address,${key},uint256,uint256,bytes)`],
  ["0xe1b4af69", `afterDonate(address,${key},uint256,uint256,bytes)`],
]);
