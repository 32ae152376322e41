// One movement of one asset, read from logs, frames or calldata. Everything here is fed by strangers: a malformed log is
// noted and dropped, it never throws (ASSET-03).
import { pushTo } from "../math/pushTo.ts";
import { type Asset, native, zeroAddress } from "./Asset.ts";
import type { CallFrame, FrameLog, Transaction } from "./BlockBundle.ts";
import { logsOf, type Visit, walk } from "./CallTree.ts";
import { createdAddress } from "./createdAddress.ts";
import { type Address, addressOfWord, type Hex, wordAt } from "./Hex.ts";
import { selector, topic } from "./KnownSignature.ts";
import { oncePer } from "./oncePer.ts";

/** `amount` of `asset` went from one address to another. Mints come from the zero address, burns go to it. */
export interface Transfer {
  readonly asset: Asset;
  readonly from: Address;
  readonly to: Address;
  readonly amount: bigint;
}

/** All movements of a transaction in the order they are known in: native value first, then tokens. */
export interface TransferList {
  readonly transfers: readonly Transfer[];
  readonly source: "logs" | "calldata";
  /** Assets whose events are malformed, or contradict the calls or the native value that should go with them. */
  readonly unbalanced: ReadonlySet<Asset>;
}

/** Wrapped native tokens that emit Deposit and Withdrawal instead of Transfer; needed only where traces are absent. */
export const wrappedNative: ReadonlySet<Address> = new Set([
  "0xc02aaa39b223fe8d0a0e5c4f27ead9083c756cc2",
  "0xbb4cdb9cbd36b01bd1cbaebf2de08d9173bc095c",
  "0x82af49447d8a07e3bd95bd0d56f35241523fbab1",
  "0x4200000000000000000000000000000000000006",
  "0x0d500b1d8e8ef31e21c99d1db9a6444d3adf1270",
  "0xb31f66aa3c1e785363f0875a1b74e27b85fd66c7",
] as const);

const readBefore = new WeakMap<CallFrame, { readonly logs: readonly FrameLog[]; readonly list: TransferList }>();

/** Reads the movements of `tx`, once for a trace with the same logs. Logs are taken from the receipt, else from the trace; calldata speaks only where neither has any. */
export function transfersOf(tx: Transaction, logs: readonly FrameLog[], trace: CallFrame | undefined): TransferList {
  const known = trace === undefined ? undefined : readBefore.get(trace);
  if (known !== undefined && known.logs === logs) return known.list;
  const list = readTransfers(tx, logs, trace);
  if (trace !== undefined) readBefore.set(trace, { logs, list });
  return list;
}

function readTransfers(tx: Transaction, logs: readonly FrameLog[], trace: CallFrame | undefined): TransferList {
  const moved = trace === undefined ? topLevelValue(tx) : nativeValue(walk(trace));
  const events = logs.length > 0 || trace === undefined ? logs : logsOf(trace);
  if (events.length === 0 && trace !== undefined)
    return { transfers: [...moved, ...fromCalldata(walk(trace))], source: "calldata", unbalanced: new Set() };
  const unbalanced = new Set<Asset>();
  const tokens = fromLogs(events, unbalanced);
  const wrapped = fromWrapped(events, tokens, trace === undefined ? undefined : moved);
  if (trace !== undefined) noteUnkeptCalls(walk(trace), tokens, unbalanced);
  return { transfers: [...moved, ...tokens, ...wrapped], source: "logs", unbalanced };
}

function topLevelValue(tx: Transaction): Transfer[] {
  const to = tx.to ?? createdAddress(tx.from, tx.nonce);
  return tx.value > 0n && to !== tx.from ? [{ asset: native, from: tx.from, to, amount: tx.value }] : [];
}

const carriesValue = new Set(["CALL", "CREATE", "CREATE2", "SELFDESTRUCT"]);

function nativeValue(visits: readonly Visit[]): Transfer[] {
  const list: Transfer[] = [];
  for (const { frame, reverted } of visits)
    if (!reverted && frame.value > 0n && frame.from !== frame.to && carriesValue.has(frame.type))
      list.push({ asset: native, from: frame.from, to: frame.to, amount: frame.value });
  return list;
}

// A ledger that anybody may have made names ids for 512 gas each, and each would be judged and asked for by itself.
const mostIds = 1_000;

function fromLogs(logs: readonly FrameLog[], unbalanced: Set<Asset>): Transfer[] {
  const list: Transfer[] = [];
  const ledgers = new Map<Address, Transfer[]>();
  for (const log of logs) {
    const kind = log.topics[0];
    if (kind !== topic.transfer && kind !== topic.transferSingle && kind !== topic.transferBatch) continue;
    const read = kind === topic.transfer ? readTransfer(log) : readTransfer1155(log, kind);
    if (read === undefined) unbalanced.add(log.address);
    else for (const transfer of read) keep(transfer, list, unbalanced);
    if (read === undefined || kind === topic.transfer) continue;
    for (const transfer of read) pushTo(ledgers, log.address, transfer);
  }
  const left = new Set([...ledgers.values()].flatMap((moves) => smallestOf(moves)));
  return left.size === 0 ? list : list.filter((transfer) => !left.has(transfer));
}

/** Of a ledger's movements those beyond the thousand largest. */
function smallestOf(moves: readonly Transfer[]): readonly Transfer[] {
  if (moves.length <= mostIds) return [];
  return [...moves].sort((a, b) => (a.amount < b.amount ? 1 : a.amount > b.amount ? -1 : 0)).slice(mostIds);
}

function keep(transfer: Transfer, list: Transfer[], unbalanced: Set<Asset>): void {
  // No honest supply is that large: the figure is forged or an overflow.
  if (transfer.amount >> 255n !== 0n) unbalanced.add(transfer.asset);
  if (transfer.from !== transfer.to && transfer.amount > 0n) list.push(transfer);
}

function readTransfer(log: FrameLog): Transfer[] | undefined {
  const from = cleanAddress(log.topics[1]);
  const to = cleanAddress(log.topics[2]);
  if (from === undefined || to === undefined) return undefined;
  const id = log.topics[3];
  if (id !== undefined)
    return isWord(id) ? [{ asset: `${log.address}:${BigInt(id)}`, from, to, amount: 1n }] : undefined;
  const amount = wordAt(log.data, 0);
  return amount === undefined ? undefined : [{ asset: log.address, from, to, amount }];
}

function readTransfer1155(log: FrameLog, kind: Hex): Transfer[] | undefined {
  const from = cleanAddress(log.topics[2]);
  const to = cleanAddress(log.topics[3]);
  if (from === undefined || to === undefined) return undefined;
  const pairs = kind === topic.transferSingle ? readSingle(log.data) : readBatch(log.data);
  return pairs?.map(([id, amount]) => ({ asset: `${log.address}:${id}`, from, to, amount }));
}

function readSingle(data: Hex): [bigint, bigint][] | undefined {
  const id = wordAt(data, 0);
  const amount = wordAt(data, 1);
  return id === undefined || amount === undefined ? undefined : [[id, amount]];
}

function readBatch(data: Hex): [bigint, bigint][] | undefined {
  const ids = readWords(data, wordAt(data, 0));
  const amounts = readWords(data, wordAt(data, 1));
  if (ids === undefined || amounts === undefined || ids.length !== amounts.length) return undefined;
  return ids.map((id, i) => [id, amounts[i]!]);
}

/** The words of a dynamic array whose head stands at byte `offset`. The length is bounded by the data itself. */
function readWords(data: Hex, offset: bigint | undefined): bigint[] | undefined {
  if (offset === undefined || offset % 32n !== 0n || offset >= BigInt(data.length)) return undefined;
  const start = Number(offset / 32n);
  const length = wordAt(data, start);
  if (length === undefined || length > BigInt(data.length >> 6)) return undefined;
  const words = Array.from({ length: Number(length) }, (_, i) => wordAt(data, start + 1 + i));
  return words.every((w) => w !== undefined) ? words : undefined;
}

function isWord(word: Hex): boolean {
  return /^0x[0-9a-fA-F]{64}$/.test(word);
}

function cleanAddress(word: Hex | undefined): Address | undefined {
  return word !== undefined && word.length === 66 && word.startsWith("0x000000000000000000000000")
    ? addressOfWord(word)
    : undefined;
}

/**
 * Deposit and Withdrawal of wrapped native. Staking contracts use the same event, so it counts only where native value
 * really went with it, or, without traces, where the emitter is known or moves as a token in the same transaction.
 */
function fromWrapped(
  logs: readonly FrameLog[],
  tokens: readonly Transfer[],
  moved: readonly Transfer[] | undefined,
): Transfer[] {
  const list: Transfer[] = [];
  const events = logs.filter(
    ({ topics: [kind, ...rest] }) => rest.length === 1 && (kind === topic.deposit || kind === topic.withdrawal),
  );
  if (events.length === 0) return list;
  // Looked up by emitter: there may be thousands of each.
  const own = new Set(tokens.map((t) => t.asset));
  const mintedOrBurned = new Set(
    tokens.flatMap((t) => (t.from === zeroAddress || t.to === zeroAddress ? [t.asset] : [])),
  );
  const [into, outOf] = [largestBy(moved ?? [], (t) => t.to), largestBy(moved ?? [], (t) => t.from)];
  for (const log of events) {
    const holder = cleanAddress(log.topics[1]);
    const amount = wordAt(log.data, 0);
    if (holder === undefined || amount === undefined || amount === 0n) continue;
    const isIn = log.topics[0] === topic.deposit;
    if (mintedOrBurned.has(log.address)) continue;
    const genuine =
      moved === undefined
        ? wrappedNative.has(log.address) || own.has(log.address)
        : ((isIn ? into : outOf).get(log.address) ?? 0n) >= amount;
    if (!genuine) continue;
    list.push({ asset: log.address, from: isIn ? zeroAddress : holder, to: isIn ? holder : zeroAddress, amount });
  }
  return list;
}

/** The largest of `moves` by address. */
function largestBy(moves: readonly Transfer[], keyOf: (move: Transfer) => Address): Map<Address, bigint> {
  const largest = new Map<Address, bigint>();
  for (const move of moves) {
    const key = keyOf(move);
    if (move.amount > (largest.get(key) ?? 0n)) largest.set(key, move.amount);
  }
  return largest;
}

/** A `transfer` call that was answered with success but left no such event: fee on transfer, rebase, or a token that lies. */
function noteUnkeptCalls(visits: readonly Visit[], tokens: readonly Transfer[], unbalanced: Set<Asset>): void {
  let kept: Map<string, number> | undefined;
  for (const visit of visits) {
    const claim = readTransferCall(visit);
    if (claim === undefined) continue;
    kept ??= countTransfers(tokens);
    const key = `${claim.asset}${claim.from}${claim.to}${claim.amount}`;
    const left = kept.get(key) ?? 0;
    if (left > 0) kept.set(key, left - 1);
    else unbalanced.add(claim.asset);
  }
}

function countTransfers(tokens: readonly Transfer[]): Map<string, number> {
  const kept = new Map<string, number>();
  for (const t of tokens) {
    const [token, id] = t.asset.split(":");
    const key = `${token}${t.from}${t.to}${id ?? t.amount}`;
    kept.set(key, (kept.get(key) ?? 0) + 1);
  }
  return kept;
}

/** The movement that a call of `transfer` or `transferFrom` claims, if it lasted and was not answered with false. */
export function readTransferCall(visit: Visit): Transfer | undefined {
  const { frame, reverted, isStatic, selector: name } = visit;
  if (reverted || isStatic || frame.type !== "CALL" || frame.input.length < 138) return undefined;
  if (name !== selector.transfer && name !== selector.transferFrom) return undefined;
  return claimIn(visit);
}

// Nearly every sign asks of every visit; reading the words costs more than all other questions together.
const claimIn = oncePer(({ frame, selector: name }: Visit): Transfer | undefined => {
  if (wordAt(frame.output, 0) === 0n) return undefined;
  const isPull = name === selector.transferFrom;
  const from = isPull ? addressAt(frame.input, 0) : frame.from;
  const to = addressAt(frame.input, isPull ? 1 : 0);
  const amount = argumentAt(frame.input, isPull ? 2 : 1);
  return from === undefined || to === undefined || amount === undefined
    ? undefined
    : claimOf(frame.to, from, to, amount);
});

function claimOf(asset: Asset, from: Address, to: Address, amount: bigint): Transfer | undefined {
  return from === to || amount === 0n ? undefined : { asset, from, to, amount };
}

function argumentAt(input: Hex, index: number): bigint | undefined {
  const start = 10 + index * 64;
  return input.length < start + 64 ? undefined : BigInt(`0x${input.slice(start, start + 64)}`);
}

function addressAt(input: Hex, index: number): Address | undefined {
  const end = 74 + index * 64;
  return input.length < end ? undefined : `0x${input.slice(end - 40, end)}`;
}

function toAddress(word: bigint): Address {
  return `0x${(word & ((1n << 160n) - 1n)).toString(16).padStart(40, "0")}`;
}

/** The calldata form, for traces that carry no logs at all. */
function fromCalldata(visits: readonly Visit[]): Transfer[] {
  const list: Transfer[] = [];
  for (const visit of visits) {
    if (visit.reverted || visit.isStatic || visit.frame.type !== "CALL") continue;
    const transfer = readTransferCall(visit) ?? readTokenCall(visit);
    if (transfer !== undefined && transfer.amount > 0n && transfer.from !== transfer.to) list.push(transfer);
  }
  return list;
}

const tokenCalls: ReadonlySet<string> = new Set([
  selector.deposit,
  selector.withdraw,
  selector.mint,
  selector.burnFrom,
  selector.burn,
  selector.safeTransferFrom,
  selector.safeTransferFromWithData,
  selector.safeTransferFrom1155,
  selector.transferId,
  selector.transferFromId,
  selector.ledgerTransfer,
]);

function readTokenCall({ frame, selector: name }: Visit): Transfer | undefined {
  // Most calls are none of these, and reading words of them costs.
  if (!tokenCalls.has(name)) return undefined;
  const token = frame.to;
  const first = argumentAt(frame.input, 0);
  const second = argumentAt(frame.input, 1);
  const third = argumentAt(frame.input, 2);
  const fourth = argumentAt(frame.input, 3);
  switch (name) {
    case selector.deposit:
      // Wrapping calls nothing further; a payable `deposit()` that does is somebody's vault.
      return frame.calls.length > 0
        ? undefined
        : { asset: token, from: zeroAddress, to: frame.from, amount: frame.value };
    case selector.withdraw:
      return first !== undefined &&
        frame.calls.some((c) => c.to === frame.from && c.value === first && c.type === "CALL")
        ? { asset: token, from: frame.from, to: zeroAddress, amount: first }
        : undefined;
    case selector.mint:
      return first === undefined || second === undefined
        ? undefined
        : { asset: token, from: zeroAddress, to: toAddress(first), amount: second };
    case selector.burnFrom:
      return first === undefined || second === undefined
        ? undefined
        : { asset: token, from: toAddress(first), to: zeroAddress, amount: second };
    case selector.burn:
      return first === undefined ? undefined : { asset: token, from: frame.from, to: zeroAddress, amount: first };
    case selector.safeTransferFrom:
    case selector.safeTransferFromWithData:
      return first === undefined || second === undefined || third === undefined
        ? undefined
        : { asset: `${token}:${third}`, from: toAddress(first), to: toAddress(second), amount: 1n };
    case selector.safeTransferFrom1155:
      return first === undefined || second === undefined || third === undefined || fourth === undefined
        ? undefined
        : { asset: `${token}:${third}`, from: toAddress(first), to: toAddress(second), amount: fourth };
    case selector.transferId:
      return first === undefined || second === undefined || third === undefined
        ? undefined
        : { asset: `${token}:${second}`, from: frame.from, to: toAddress(first), amount: third };
    case selector.transferFromId:
      return first === undefined || second === undefined || third === undefined || fourth === undefined
        ? undefined
        : { asset: `${token}:${third}`, from: toAddress(first), to: toAddress(second), amount: fourth };
    // A vault that keeps a ledger for many tokens: the token is the id.
    case selector.ledgerTransfer:
      return first === undefined || second === undefined || third === undefined || fourth === undefined
        ? undefined
        : { asset: `${token}:${first}`, from: toAddress(second), to: toAddress(third), amount: fourth };
    default:
      return undefined;
  }
}
