import type { Asset } from "../model/Asset.ts";
import { zeroAddress } from "../model/Asset.ts";
import { logsOf, walk } from "../model/CallTree.ts";
import type { Address } from "../model/Hex.ts";
import { type Transfer, transfersOf } from "../model/Transfer.ts";
import type { TxView } from "../model/TxView.ts";
import { mintedLoans } from "./mintedLoans.ts";

/** Money lent and given back within one transaction. */
export interface FlashLoan {
  readonly lender: Address;
  /** How it was recognised; `shape` needs no list of lenders. */
  readonly by: "event" | "call" | "callback" | "shape";
  /** Signature that was recognised. */
  readonly signature?: string;
  /** What was lent, where the shape shows it. */
  readonly asset?: Asset;
  readonly amount?: bigint;
}

/** Events by which lenders tell of a flash loan: Aave 1 to 3, Balancer 2, Uniswap v3, ERC-3156 and Maker, Morpho, DODO, Trader Joe. */
export const flashEvents: ReadonlyMap<string, string> = new Map([
  [
    "0x631042c832b07452973831137f2d73e395028b44b250dedc5abb0ee766e168ac",
    "FlashLoan(address,address,address,uint256,uint256,uint16)",
  ],
  [
    "0xefefaba5e921573100900a3ad9cf29f222d995fb3b6045797eaea7521bd8d6f0",
    "FlashLoan(address,address,address,uint256,uint8,uint256,uint16)",
  ],
  ["0x0d7d75e01ab95780d3cd1c8ec0dd6c2ce19e3a20427eec8bf53283b6fb8e95f0", "FlashLoan(address,address,uint256,uint256)"],
  [
    "0xbdbdb71d7860376ba52b25a5028beea23581364a40522f6bcfb86bb1f2dca633",
    "Flash(address,address,uint256,uint256,uint256,uint256)",
  ],
  ["0xc76f1b4fe4396ac07a9fa55a415d4ca430e72651d37d3401f3bed7cb13fc4f12", "FlashLoan(address,address,uint256)"],
  [
    "0x39cf34d60cf3d4fd4cf7d265ef5398e0456f88e95d55da5595967f2d3a038e43",
    "FlashLoan(address,address,uint256,uint256,bytes32)",
  ],
  [
    "0x9bef6fdc57f1565f1a6dab99ef3e0064c4356bedce20f1cae2dbfaed59fe88ac",
    "FlashLoan(address,address,bytes32,bytes32,bytes32)",
  ],
  [
    "0xd126bd9d94daca8e55ffd8283fac05394aec8326c6b1639e1e8a445fbe8bbc7d",
    "FlashLoan(address,address,uint24,bytes32,bytes32,bytes32)",
  ],
  [
    "0xb93a0c34e3ec1022fb8c52ea0d37d70aa94443381315198747f1d0e7e1e82b81",
    "FlashLoan(address,address,bytes32,uint24,bytes32,bytes32)",
  ],
  ["0x5a9eeaf8949838813289046091e8ea8a9196a2265ac24841464a2d27026a8549", "FlashLoan(address,address,address,uint256)"],
  [
    "0x0b82e93068db15abd9fbb2682c65462ea8a0a10582dce93a5664818e296f54eb",
    "DODOFlashLoan(address,address,uint256,uint256)",
  ],
]);

/** Entry points of lenders. dYdX has none of its own: `operate` is everything there, so its callback is listed instead. */
export const flashFunctions: ReadonlyMap<string, string> = new Map([
  ["0x5cffe9de", "flashLoan(address,address,uint256,bytes)"],
  ["0xab9c4b5d", "flashLoan(address,address[],uint256[],uint256[],address,bytes,uint16)"],
  ["0x42b0b77c", "flashLoanSimple(address,address,uint256,bytes,uint16)"],
  ["0x5c38449e", "flashLoan(address,address[],uint256[],bytes)"],
  ["0x490e6cbc", "flash(address,uint256,uint256,bytes)"],
  ["0xe0232b42", "flashLoan(address,uint256,bytes)"],
  ["0xd0a494e4", "flashLoan(uint256,uint256,address,bytes)"],
  ["0xea3446bf", "flashLoan(address,bytes32,bytes)"],
  ["0x3f03653f", "vatDaiFlashLoan(address,uint256,bytes)"],
]);

/** Calls that a lender makes to its borrower; the caller is the lender. */
export const flashCallbacks: ReadonlyMap<string, string> = new Map([
  ["0x23e30c8b", "onFlashLoan(address,address,uint256,uint256,bytes)"],
  ["0xee872558", "executeOperation(address,uint256,uint256,bytes)"],
  ["0x920f5c84", "executeOperation(address[],uint256[],uint256[],address,bytes)"],
  ["0x1b11d0ff", "executeOperation(address,uint256,uint256,address,bytes)"],
  ["0xf04f2707", "receiveFlashLoan(address[],uint256[],uint256[],bytes)"],
  ["0x10d1e85c", "uniswapV2Call(address,uint256,uint256,bytes)"],
  ["0x84800812", "pancakeCall(address,uint256,uint256,bytes)"],
  ["0x5b3bc4fe", "BiswapCall(address,uint256,uint256,bytes)"],
  ["0xe9cbafb0", "uniswapV3FlashCallback(uint256,uint256,bytes)"],
  ["0xa1d48336", "pancakeV3FlashCallback(uint256,uint256,bytes)"],
  ["0xa60b0d3c", "algebraFlashCallback(uint256,uint256,bytes)"],
  ["0x8b418713", "callFunction(address,(address,uint256),bytes)"],
  ["0xeb2021c3", "DVMFlashLoanCall(address,uint256,uint256,bytes)"],
  ["0x7ed1f1dd", "DPPFlashLoanCall(address,uint256,uint256,bytes)"],
  ["0xd5b99797", "DSPFlashLoanCall(address,uint256,uint256,bytes)"],
  ["0x31f57072", "onMorphoFlashLoan(uint256,bytes)"],
  ["0x1faa6b87", "LBFlashLoanCallback(address,address,address,bytes32,bytes32,bytes)"],
]);

const found = new WeakMap<TxView, readonly FlashLoan[]>();

/** The flash loans of a transaction, each lender once, by known events, calls and callbacks and by shape. */
export function findFlashLoans(view: TxView): readonly FlashLoan[] {
  const known = found.get(view);
  if (known !== undefined) return known;
  const loans = new Map<Address, FlashLoan>();
  const { transfers } = transfersOf(view.tx, view.logs, view.trace);
  const minted = (view.trace === undefined ? [] : mintedLoans(transfers, view.trace)).map(({ asset, amount }) => ({
    lender: asset as Address,
    by: "shape" as const,
    asset,
    amount,
  }));
  const shaped = [...byShape(transfers), ...minted].filter(
    // The sender and its entry contract pay and get refunds; that is no loan.
    ({ lender }) => lender !== view.tx.from && lender !== view.tx.to,
  );
  const all = [...shaped, ...byEvent(view), ...byCall(view)];
  for (const loan of all) if (!loans.has(loan.lender)) loans.set(loan.lender, loan);
  const list = [...loans.values()];
  found.set(view, list);
  return list;
}

function byEvent(view: TxView): FlashLoan[] {
  const logs = view.logs.length > 0 || view.trace === undefined ? view.logs : logsOf(view.trace);
  return logs.flatMap((log) => {
    const signature = flashEvents.get(log.topics[0] ?? "");
    return signature === undefined ? [] : [{ lender: log.address, by: "event" as const, signature }];
  });
}

function byCall(view: TxView): FlashLoan[] {
  if (view.trace === undefined) return [];
  const list: FlashLoan[] = [];
  for (const { frame, reverted, isStatic, selector: name } of walk(view.trace)) {
    if (reverted || isStatic || frame.type !== "CALL") continue;
    const call = flashFunctions.get(name);
    const callback = flashCallbacks.get(name);
    if (call !== undefined && frame.calls.length > 0) list.push({ lender: frame.to, by: "call", signature: call });
    if (callback !== undefined) list.push({ lender: frame.from, by: "callback", signature: callback });
  }
  return list;
}

/** The same token leaves one address and comes back, at least as much and at most a tenth more, and nothing else is left changed there. */
function byShape(transfers: readonly Transfer[]): FlashLoan[] {
  const books = new Map<string, { lender: Address; asset: Asset; net: bigint; lowest: bigint }>();
  const changed = new Map<Address, Map<Asset, bigint>>();
  for (const { asset, from, to, amount } of transfers) {
    note(from, asset, -amount);
    note(to, asset, amount);
  }
  return [...books.values()]
    .filter((b) => b.lowest < 0n && b.net >= 0n && b.net <= -b.lowest / 10n && isOtherwiseWhole(b.lender, b.asset))
    .map((b) => ({ lender: b.lender, by: "shape" as const, asset: b.asset, amount: -b.lowest }));

  function note(holder: Address, asset: Asset, amount: bigint): void {
    if (holder === zeroAddress || asset.includes(":")) return;
    const key = `${holder}${asset}`;
    const book = books.get(key) ?? { lender: holder, asset, net: 0n, lowest: 0n };
    book.net += amount;
    if (book.net < book.lowest) book.lowest = book.net;
    books.set(key, book);
    const own = changed.get(holder) ?? new Map<Asset, bigint>();
    own.set(asset, (own.get(asset) ?? 0n) + amount);
    changed.set(holder, own);
  }

  function isOtherwiseWhole(holder: Address, asset: Asset): boolean {
    return [...(changed.get(holder) ?? [])].every(([other, net]) => other === asset || net >= 0n);
  }
}
