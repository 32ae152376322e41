// A protocol whose state is plain data, for tests of detectors alone: no reads, one line of numbers a block.
import type { Detector } from "./Detector.ts";
import { useDetector } from "./Detector.ts";
import { addr, runDetector } from "./detectorCase.testkit.ts";
import type { FindingDraft } from "./Finding.ts";
import type { Address } from "./Hex.ts";
import type { Cells } from "./Memory.ts";
import type { FundingBounds, FundingState } from "./PerpAdapter.ts";
import type { AccountState } from "./ProtocolAdapter.ts";
import type { ProtocolEvent } from "./ProtocolEvent.ts";

/** Figures in whole units; `at` in seconds. An event's account stands for its sender too, unless `from` says another. */
export interface PlainBlock {
  readonly at?: number;
  readonly price?: number;
  readonly traded?: number;
  readonly reference?: number;
  readonly before?: number;
  readonly long?: number;
  readonly short?: number;
  readonly depth?: number;
  readonly fund?: number;
  readonly funding?: FundingState;
  readonly bounds?: FundingBounds;
  readonly collateralSupply?: number;
  readonly accounts?: Readonly<{ [name: number]: PlainAccount }>;
  /** Transactions with their events. */
  readonly txs?: readonly PlainTx[];
}

export interface PlainAccount {
  readonly collateral?: number;
  readonly required?: number;
  readonly exposure?: number;
  readonly requiredExposure?: number;
  readonly size?: number;
  readonly debt?: number;
}

export interface PlainTx {
  readonly from?: Address;
  readonly to?: Address;
  readonly events: readonly ProtocolEvent[];
}

export const plainMarket = "M";
export const plainSubject = addr(0x1001);
export const wad = (x: number): bigint => BigInt(Math.round(x * 1e9)) * 10n ** 9n;

/** A trade of account number `account`. */
export function plainTrade(
  account: number,
  size: number,
  price = 100,
  role: "taker" | "liquidation" = "taker",
): ProtocolEvent {
  return {
    kind: "trade",
    market: plainMarket,
    account: addr(account),
    size: wad(size),
    price: wad(price),
    role,
    logIndex: 0,
  };
}

export function plainMove(kind: "collateral" | "debt", account: number, amount: number): ProtocolEvent {
  return { kind, market: plainMarket, account: addr(account), amount: wad(amount), logIndex: 0 };
}

export function plainLiquidation(account: number, notional: number): ProtocolEvent {
  return {
    kind: "liquidation",
    market: plainMarket,
    account: addr(account),
    by: addr(0x99),
    notional: wad(notional),
    logIndex: 0,
  };
}

/** A detector's findings of each block. `open` makes it of an adapter that shows the block at hand. */
export function runPlain<P extends object>(
  open: (adapter: never) => Detector<P>,
  blocks: readonly PlainBlock[],
  overrides: Partial<P> = {},
  cells: Cells = new Map(),
): FindingDraft[][] {
  let now: PlainBlock = {};
  const state = (price: number | undefined) => ({
    price: wad(price ?? 100),
    reference: wad(now.reference ?? now.price ?? 100),
    ...optional({ traded: now.traded, long: now.long, short: now.short, depth: now.depth, fund: now.fund }),
    ...optional({ collateralSupply: now.collateralSupply }),
    funding: now.funding,
  });
  const adapter = {
    kind: "perp",
    name: "plain",
    subject: plainSubject,
    markets: [plainMarket],
    terms: { feeBps: 0 },
    market: (_: string, at: string) => ({ reads: [], decode: () => marketAt(at) }),
    account: (_: string, account: Address) => ({ reads: [], decode: () => accountOf(now.accounts?.[Number(account)]) }),
    events: (view: { readonly tx: { readonly index: number } }) => now.txs?.[view.tx.index]?.events ?? [],
    worth: (_: ProtocolEvent, { reference }: { readonly reference: bigint }) => ({ value: reference, unit: reference }),
    fundingBounds: () => now.bounds,
  };
  const marketAt = (at: string) => {
    const found = state(now.price);
    return at === "parent" && now.before !== undefined ? { ...found, reference: wad(now.before) } : found;
  };
  const use = useDetector(open(adapter as never), overrides);
  return blocks.map((block, i) => {
    now = block;
    const txs = (block.txs ?? []).map(({ from, to, events }) => ({
      from: from ?? events[0]?.account ?? addr(0xe0a),
      to: to ?? plainSubject,
      logs: [{ address: plainSubject, topics: [], data: "0x" as const }],
    }));
    return runDetector(
      use,
      [plainSubject],
      [{ number: 100 + i, timestamp: block.at ?? 1_000 + 12 * i, txs }],
      cells,
    )[0]!;
  });
}

function optional(fields: Readonly<Record<string, number | undefined>>): Record<string, bigint> {
  return Object.fromEntries(Object.entries(fields).flatMap(([k, v]) => (v === undefined ? [] : [[k, wad(v)]])));
}

function accountOf(account: PlainAccount | undefined): AccountState {
  const { collateral = 0, required = 0, exposure = 0, requiredExposure = 0, size = 0, debt = 0 } = account ?? {};
  return {
    collateral: wad(collateral),
    required: wad(required),
    exposure: wad(exposure),
    requiredExposure: wad(requiredExposure),
    size: wad(size),
    debt: wad(debt),
  };
}
