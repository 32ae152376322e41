// What geth's prestateTracer writes: the touched state as it was, or what became of it.
import { keccak_256 } from "@noble/hashes/sha3.js";
import type { Address, Hex } from "@testudo/core/model/Hex";
import { fromHex, toHex } from "../record/bytes.ts";
import { quantity } from "./callTracerResult.ts";
import type { AccountView, TracedTransaction } from "./traceTransaction.ts";

export interface PrestateOptions {
  readonly disableCode?: boolean;
  readonly disableStorage?: boolean;
  /** Whether accounts are told of that had nothing before. */
  readonly includeEmpty?: boolean;
}

export interface PrestateAccount {
  readonly balance?: Hex;
  readonly nonce?: number;
  readonly code?: Hex;
  readonly codeHash?: Hex;
  readonly storage?: { readonly [key: Hex]: Hex };
}

export type Prestate = { readonly [address: Address]: PrestateAccount };

export interface StateDiff {
  readonly pre: Prestate;
  readonly post: Prestate;
}

const zeroWord: Hex = `0x${"0".repeat(64)}`;

/** The state that the transaction looked at, as it was before it. */
export async function prestateResult(
  { touched, before }: TracedTransaction,
  options: PrestateOptions,
): Promise<Prestate> {
  const told: [Address, PrestateAccount][] = [];
  for (const [address, keys] of touched.accounts) {
    const account = await before.account(address);
    if (isEmpty(account) && !options.includeEmpty) continue;
    const storage: [Hex, Hex][] = [];
    for (const key of options.disableStorage ? [] : keys)
      storage.push([key, await slotBefore(before, touched, address, key)]);
    told.push([address, { ...described(account, options), ...storageField(storage) }]);
  }
  return Object.fromEntries(told);
}

/** What the transaction changed: each account as it was, with the slots that changed, and the fields that became others. */
export async function stateDiffResult(traced: TracedTransaction, options: PrestateOptions): Promise<StateDiff> {
  const { touched, before, after } = traced;
  const pre: [Address, PrestateAccount][] = [];
  const post: [Address, PrestateAccount][] = [];
  for (const [address, keys] of touched.accounts) {
    const [was, now] = [await before.account(address), await after.account(address)];
    const isGone = touched.deleted.has(address);
    const slots: { key: Hex; was: Hex; now: Hex }[] = [];
    for (const key of options.disableStorage ? [] : keys) {
      const old = await slotBefore(before, touched, address, key);
      slots.push({ key, was: old, now: isGone ? zeroWord : await after.slot(address, key) });
    }
    const changed = isGone ? slots : slots.filter((slot) => slot.was !== slot.now);
    const fields = changedFields(was, now, options);
    if (!isGone && changed.length === 0 && Object.keys(fields).length === 0) continue;
    const oldSlots = changed.filter((slot) => isGone || slot.was !== zeroWord).map((s): [Hex, Hex] => [s.key, s.was]);
    if (!isEmpty(was)) pre.push([address, { ...described(was, options), ...storageField(oldSlots) }]);
    if (isGone) continue;
    const newSlots = changed.filter((slot) => slot.now !== zeroWord).map((s): [Hex, Hex] => [s.key, s.now]);
    post.push([address, { ...fields, ...storageField(newSlots) }]);
  }
  return { pre: Object.fromEntries(pre), post: Object.fromEntries(post) };
}

// What a transaction makes has nothing in its storage before it, whatever stands there by the source.
async function slotBefore(
  before: TracedTransaction["before"],
  touched: TracedTransaction["touched"],
  address: Address,
  key: Hex,
): Promise<Hex> {
  if (touched.created.has(address) && isEmpty(await before.account(address))) return zeroWord;
  return before.slot(address, key);
}

function changedFields(was: AccountView, now: AccountView, { disableCode }: PrestateOptions): PrestateAccount {
  const hasNewCode = was.code !== now.code && !disableCode;
  return {
    ...(was.balance === now.balance ? {} : { balance: quantity(now.balance) }),
    // A nonce that falls back to nothing is not told.
    ...(was.nonce === now.nonce || now.nonce === 0n ? {} : { nonce: Number(now.nonce) }),
    ...(hasNewCode ? { code: now.code, codeHash: hashOf(now.code) } : {}),
  };
}

function described({ balance, nonce, code }: AccountView, { disableCode }: PrestateOptions): PrestateAccount {
  return {
    balance: quantity(balance),
    ...(nonce === 0n ? {} : { nonce: Number(nonce) }),
    ...(code === "0x" ? {} : { ...(disableCode ? {} : { code }), codeHash: hashOf(code) }),
  };
}

function storageField(slots: readonly [Hex, Hex][]): PrestateAccount {
  return slots.length === 0 ? {} : { storage: Object.fromEntries(slots) };
}

function isEmpty({ balance, nonce, code }: AccountView): boolean {
  return balance === 0n && nonce === 0n && code === "0x";
}

function hashOf(code: Hex): Hex {
  return toHex(keccak_256(fromHex(code)));
}
