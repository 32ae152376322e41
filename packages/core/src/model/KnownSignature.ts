// Hashes of public event and function signatures. They are written out so that a reader can grep for what a node shows;
// the test beside this file recomputes each from its text.
import type { Hex } from "./Hex.ts";

/** Topic 0 of events, by name; same name with other arguments gets a suffix. */
export const topic = {
  transfer: "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef",
  transferSingle: "0xc3d58168c5ae7397731d063d5bbf3d657854427343f4c083240f7aacaa2d0f62",
  transferBatch: "0x4a39dc06d4c0dbc64b70af90fd698a233a518aa5d07e595d983b8c0526c8f7fb",
  deposit: "0xe1fffcc4923d04b559f4d29a8bfc6cda04eb5b0d3c460751c2402c5c5cc9109c",
  withdrawal: "0x7fcf532c15f0a6db0bd6d0e038bea71d30d808c7d98cb3bf7268a95bf5081b65",
  userOperation: "0x49628fd1471006c1482da88028e9ce4dbb080b815c9b0344d39e5a8e6ec1419f",
  syncV2: "0x1c411e9a96e071241c2f21f7726b17ae89e3cab4c78be50e062b03a9fffbbad1",
  swapV2: "0xd78ad95fa46c994b6551d0da85fc275fe613ce37657fb8d5e3d130840159d822",
  swapV3: "0xc42079f94a6350d7e6235f29174924f928cc2ac818eb64fed8004e115fbcca67",
  swapPancakeV3: "0x19b47279256b2a23a1665c810c8d55a1758940ee09377d4f8d26497a3577dc83",
  swapV4: "0x40e9cecb9f5f1f1c5b9c97dec2917b7ee92e57ba5563708daca94dd84ad7112f",
  syncSolidly: "0xcf2aa50876cdfbb541206f89af0ee78d44a2abf8d328e37fa4917f982149848a",
  swapSolidly: "0xb3e2773606abfd36b5bd91394b3a54d1398336c65005baf7bf7a05efeffaf75b",
} as const satisfies Record<string, Hex>;

/** First four bytes of calldata, by function. */
export const selector = {
  transfer: "0xa9059cbb",
  transferFrom: "0x23b872dd",
  safeTransferFrom: "0x42842e0e",
  safeTransferFromWithData: "0xb88d4fde",
  safeTransferFrom1155: "0xf242432a",
  deposit: "0xd0e30db0",
  withdraw: "0x2e1a7d4d",
  mint: "0x40c10f19",
  mintShares: "0x94bf804d",
  burnFrom: "0x9dc29fac",
  burn: "0x42966c68",
  balanceOf: "0x70a08231",
  balanceOfId: "0x00fdd58e",
  ledgerBalance: "0xf7888aec",
  ledgerTransfer: "0xf18d03cc",
  transferId: "0x095bcdb6",
  transferFromId: "0xfe99049a",
  totalSupply: "0x18160ddd",
  decimals: "0x313ce567",
  getReserves: "0x0902f1ac",
  slot0: "0x3850c7bd",
  token0: "0x0dfe1681",
  token1: "0xd21220a7",
} as const satisfies Record<string, Hex>;

/** The texts that `topic` and `selector` are hashes of. */
export const signatureText: {
  readonly topic: Record<keyof typeof topic, string>;
  readonly selector: Record<keyof typeof selector, string>;
} = {
  topic: {
    transfer: "Transfer(address,address,uint256)",
    transferSingle: "TransferSingle(address,address,address,uint256,uint256)",
    transferBatch: "TransferBatch(address,address,address,uint256[],uint256[])",
    deposit: "Deposit(address,uint256)",
    withdrawal: "Withdrawal(address,uint256)",
    userOperation: "UserOperationEvent(bytes32,address,address,uint256,bool,uint256,uint256)",
    syncV2: "Sync(uint112,uint112)",
    swapV2: "Swap(address,uint256,uint256,uint256,uint256,address)",
    swapV3: "Swap(address,address,int256,int256,uint160,uint128,int24)",
    swapPancakeV3: "Swap(address,address,int256,int256,uint160,uint128,int24,uint128,uint128)",
    swapV4: "Swap(bytes32,address,int128,int128,uint160,uint128,int24,uint24)",
    syncSolidly: "Sync(uint256,uint256)",
    swapSolidly: "Swap(address,address,uint256,uint256,uint256,uint256)",
  },
  selector: {
    transfer: "transfer(address,uint256)",
    transferFrom: "transferFrom(address,address,uint256)",
    safeTransferFrom: "safeTransferFrom(address,address,uint256)",
    safeTransferFromWithData: "safeTransferFrom(address,address,uint256,bytes)",
    safeTransferFrom1155: "safeTransferFrom(address,address,uint256,uint256,bytes)",
    deposit: "deposit()",
    withdraw: "withdraw(uint256)",
    mint: "mint(address,uint256)",
    mintShares: "mint(uint256,address)",
    burnFrom: "burn(address,uint256)",
    burn: "burn(uint256)",
    balanceOf: "balanceOf(address)",
    balanceOfId: "balanceOf(address,uint256)",
    ledgerBalance: "balanceOf(address,address)",
    ledgerTransfer: "transfer(address,address,address,uint256)",
    transferId: "transfer(address,uint256,uint256)",
    transferFromId: "transferFrom(address,address,uint256,uint256)",
    totalSupply: "totalSupply()",
    decimals: "decimals()",
    getReserves: "getReserves()",
    slot0: "slot0()",
    token0: "token0()",
    token1: "token1()",
  },
};

/** The selector of `input`, lower case; shorter input (a plain send) gives what is there. */
export function selectorOf(input: Hex): Hex {
  return input.length > 10 ? (input.slice(0, 10) as Hex) : input;
}
