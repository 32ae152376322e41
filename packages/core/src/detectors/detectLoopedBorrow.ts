import { z } from "zod";
import { toPlainNumber } from "../math/ratio.ts";
import { wadNumber } from "../math/wadNumber.ts";
import { type MarketBook, readBook } from "../model/AccountBook.ts";
import type { DetectContext, Detector } from "../model/Detector.ts";
import type { Address, Hex } from "../model/Hex.ts";
import type { AccountState, MarketState, ProtocolAdapter } from "../model/ProtocolAdapter.ts";
import { proposeNumber } from "../model/proposeLimit.ts";
import { countCycles } from "./loopedBorrow/countCycles.ts";
import type { LoopedBorrowParams } from "./loopedBorrow/LoopedBorrowParams.ts";

/** A protocol that lends. What is left out is not judged. */
export type BorrowedAdapter = ProtocolAdapter<MarketState & { readonly collateralSupply?: bigint | undefined }> & {
  readonly ownCollateral?: readonly string[];
};

/**
 * Looped borrowing: collateral bought with what was borrowed on it, leverage at the very limit, or collateral that is worth
 * what the borrower makes it worth.
 *
 *   cycles of deposit → borrow by one account, in its transactions of an hour, ≥ k; or by one actor's accounts in one
 *   C / E > 0.98 / (1 − LTV), E = C − D, LTV = D / required collateral
 *   the account's collateral > 30 % of that token's supply, or, where the token is the protocol's own, of all collateral
 *
 * Judged where the account borrowed in the block. One of the three is medium, two or more are high: a loop is a product
 * that people use, and to borrow up to the limit is foolish, not wicked; together they are how a thin collateral is carried
 * out. It is no damage: what is lent against a false price is told by collateral-jump, asset-drain and the oracle.
 *
 * Source: design judgement; k = 3. Calibration: k becomes 1.2 times the most cycles of 30 days.
 * Trap (CAT-04): a liquidator repays and takes collateral, and borrows nothing; a migration deposits and borrows once.
 * Evasion: a loop over more than an hour, or over accounts of several senders; collateral kept just below the share.
 */
export function detectLoopedBorrow(adapter: BorrowedAdapter): Detector<LoopedBorrowParams> {
  return {
    meta: {
      id: "looped-borrow",
      version: "1.0.0",
      class: "anomaly",
      needs: { all: ["L", "S"], degraded: ["H"] },
      finality: "finalized",
      runbook: "docs/requirements/derivatives.md#looped-borrow",
      owner: "risk",
    },
    frameLogs: [],
    params: z
      .object({
        cycles: z.number().int().min(2),
        windowSeconds: z.number().int().positive(),
        leverageShare: z.number().positive().max(1),
        maxOwnShare: z.number().positive().max(1),
        maxAccounts: z.number().int().min(1).max(4_096),
      })
      .strict(),
    defaults: { cycles: 3, windowSeconds: 3_600, leverageShare: 0.98, maxOwnShare: 0.3, maxAccounts: 128 },
    calibrate: (observed, settings) => {
      const found = proposeNumber(observed, settings, ["cycles", "cycles ", { share: 0, factor: 1.2, least: 2 }]);
      return found && { ...found, settings: { cycles: Math.ceil(found.settings.cycles!) } };
    },
    detect(context) {
      if (!context.block.has.includes("S")) return;
      const decoded = context.txs.flatMap((view) => {
        const events = view.logs.length > 0 ? adapter.events(view) : [];
        return events.length > 0 ? [{ view, events }] : [];
      });
      const events = decoded.flatMap((d) => d.events);
      const books = new Map(
        adapter.markets.map((m) => [m, readBook(context, adapter, m, events, context.params.maxAccounts)] as const),
      );
      const loops = countCycles(context, adapter, decoded);
      // An account that borrowed several times is told once, by its first transaction.
      const judged = new Set<string>();
      for (const { view, events: own } of decoded)
        for (const event of own) {
          const key = `${event.market}|${event.account}`;
          const book = event.kind === "debt" && event.amount > 0n ? books.get(event.market) : undefined;
          const state = book?.accounts.get(event.account);
          if (book === undefined || state === undefined || judged.has(key)) continue;
          judged.add(key);
          const cycles = loops.get(key) ?? 0;
          context.observe(`cycles ${event.market}`, cycles);
          judge({ context, adapter, market: event.market, book, books }, event.account, state, cycles, view.tx.hash);
        }
    },
  };
}

interface Case {
  readonly context: DetectContext<LoopedBorrowParams>;
  readonly adapter: BorrowedAdapter;
  readonly market: string;
  readonly book: MarketBook<MarketState & { readonly collateralSupply?: bigint | undefined }>;
  readonly books: ReadonlyMap<string, Case["book"] | undefined>;
}

function judge(at: Case, account: Address, state: AccountState, cycles: number, txHash: Hex): void {
  const { context, adapter, market } = at;
  const { params } = context;
  const { leverage, limit } = leverageOf(state, params.leverageShare);
  const own = ownShareOf(at, state);
  const signs = [
    ...(cycles >= params.cycles ? [`borrowed ${cycles} times on what it had borrowed`] : []),
    ...(leverage > limit ? [`holds ${leverage.toFixed(2)} times its own money`] : []),
    ...(own > params.maxOwnShare ? [`has put up ${(own * 100).toFixed(0)} % of its collateral's market`] : []),
  ];
  if (signs.length === 0) return;
  context.finding({
    severity: signs.length > 1 ? "high" : "medium",
    subject: adapter.subject,
    addresses: [account],
    txHash,
    reason: `An account of "${market}" ${signs.join(", and ")}.`,
    key: [adapter.name, market, account],
    score: Math.min(1, signs.length / 3),
    evidence: {
      market,
      account,
      cycles,
      collateral: state.collateral,
      debt: state.debt,
      required: state.required,
      leverage: toPlainNumber(leverage),
      leverageLimit: toPlainNumber(limit),
      ownShare: toPlainNumber(own),
      price: at.book.market.price,
    },
  });
}

function leverageOf(state: AccountState, share: number): { readonly leverage: number; readonly limit: number } {
  const [collateral, debt, required] = [state.collateral, state.debt, state.required].map(wadNumber) as [
    number,
    number,
    number,
  ];
  const equity = collateral - debt;
  if (debt <= 0 || required <= debt) return { leverage: 0, limit: Number.POSITIVE_INFINITY };
  const leverage = equity > 0 ? collateral / equity : Number.POSITIVE_INFINITY;
  return { leverage, limit: share / (1 - debt / required) };
}

function ownShareOf({ adapter, market, book, books }: Case, state: AccountState): number {
  const supply = wadNumber(book.market.collateralSupply ?? 0n);
  const ofToken = supply > 0 ? wadNumber(state.size) / supply : 0;
  if (!adapter.ownCollateral?.includes(market)) return ofToken;
  const all = [...books.values()].flatMap((b) => [...(b?.accounts.values() ?? [])]);
  const whole = all.reduce((sum, { collateral }) => sum + Math.max(0, wadNumber(collateral)), 0);
  return Math.max(ofToken, whole > 0 ? wadNumber(state.collateral) / whole : 0);
}
