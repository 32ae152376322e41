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
  ["0x91dd7346", "unlockCallback(bytes)"],
  ["0xab6291fe", "lockAcquired(bytes)"],
]);
