import type { Address } from "@testudo/core/model/Hex";

/** Symbol and decimals of tokens that are in most transactions, for where the state does not tell them. */
export const knownTokens: ReadonlyMap<string, readonly [symbol: string, decimals: number]> = new Map([
  ["1:0xc02aaa39b223fe8d0a0e5c4f27ead9083c756cc2", ["WETH", 18]],
  ["1:0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48", ["USDC", 6]],
  ["1:0xdac17f958d2ee523a2206206994597c13d831ec7", ["USDT", 6]],
  ["1:0x6b175474e89094c44da98b954eedeac495271d0f", ["DAI", 18]],
  ["1:0x2260fac5e5542a773aa44fbcfedf7c193bc2c599", ["WBTC", 8]],
  ["1:0x7f39c581f595b53c5cb19bd0b3f8da6c935e2ca0", ["wstETH", 18]],
  ["1:0xae7ab96520de3a18e5e111b5eaab095312d7fe84", ["stETH", 18]],
  ["1:0x1f9840a85d5af5bf1d1762f925bdaddc4201f984", ["UNI", 18]],
  ["1:0x514910771af9ca656af840dff83e8264ecf986ca", ["LINK", 18]],
  ["1:0x39aa39c021dfbae8fac545936693ac917d5e7563", ["cUSDC", 8]],
  ["42161:0x82af49447d8a07e3bd95bd0d56f35241523fbab1", ["WETH", 18]],
  ["42161:0xaf88d065e77c8cc2239327c5edb3a432268e5831", ["USDC", 6]],
  ["42161:0xff970a61a04b1ca14834a43f5de4533ebddb5cc8", ["USDC.e", 6]],
  ["42161:0xfd086bc7cd5c481dcc9c85ebe478a1c0b69fcbb9", ["USDT", 6]],
  ["42161:0xda10009cbd5d07dd0cecc66161fc93d7c9000da1", ["DAI", 18]],
  ["42161:0x2f2a2543b76a4166549f7aab2e75bef0aefc5b0f", ["WBTC", 8]],
  ["42161:0x5979d7b546e38e414f7e9822514be443a4800529", ["wstETH", 18]],
  ["42161:0x912ce59144191c1204e64559fe8253a0e49e6548", ["ARB", 18]],
  ["42161:0xcafcd85d8ca7ad1e1c6f82f651fa15e33aefd07b", ["WOO", 18]],
  ["10:0x4200000000000000000000000000000000000006", ["WETH", 18]],
  ["8453:0x4200000000000000000000000000000000000006", ["WETH", 18]],
  ["8453:0x833589fcd6edb6e08f4c7c32d4f71b54bda02913", ["USDC", 6]],
  ["56:0xbb4cdb9cbd36b01bd1cbaebf2de08d9173bc095c", ["WBNB", 18]],
  ["56:0x55d398326f99059ff775485246999027b3197955", ["USDT", 18]],
  ["137:0x0d500b1d8e8ef31e21c99d1db9a6444d3adf1270", ["WPOL", 18]],
]);

/** What is known of `token` on the chain. */
export function knownToken(chainId: number, token: Address): readonly [symbol: string, decimals: number] | undefined {
  return knownTokens.get(`${chainId}:${token}`);
}
