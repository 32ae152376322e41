import { z } from "zod";
import { herfindahl } from "../math/herfindahl.ts";
import { toPlainNumber } from "../math/ratio.ts";
import { wadNumber } from "../math/wadNumber.ts";
import { eventsOf, type MarketBook, readBook } from "../model/AccountBook.ts";
import type { DetectContext, Detector } from "../model/Detector.ts";
import type { Address } from "../model/Hex.ts";
import type { MarketState, ProtocolAdapter } from "../model/ProtocolAdapter.ts";
import { proposeNumber } from "../model/proposeLimit.ts";

export interface SkewOiParams {
  /** |L − S| / (L + S) beyond which a market is one-sided. */
  readonly maxSkew: number;
  /** Σ share² of the accounts' sizes beyond which few hold it. */
  readonly maxHerfindahl: number;
  /** Open notional over the notional that moves the price by 2 %. */
  readonly maxOiToDepth: number;
  /** A market is young, and not judged, until it has had as many. */
  readonly minAccounts: number;
  readonly maxAccounts: number;
}

/**
 * Open interest: one-sided, in few hands, or more than the market could close.
 *
 *   skew = |L − S| / (L + S) > 0.8      Herfindahl = Σ (|size_i| / Σ|size|)² > 0.25      OI / depth at 2 % > 1
 *
 * One of the three is medium, two or more are high. OI is the larger side's notional at the protocol's own price. Sides come
 * from the protocol where it keeps them, else they are summed over its accounts; a written option has one side only, so
 * that its skew is not judged. All three are preparations, never damage: who holds nearly all of a thin market can make
 * its price, and leave a position that nobody can close.
 *
 * Source: design judgement; the three limits as above. Calibration: the 99.9 % quantile of the market's own history.
 * Trap (CAT-04): at the genesis of a market the first holder is all of it; so it is judged only once ten accounts
 * have held it, of which equal shares would be a concentration of 0.1.
 * Evasion: many accounts without a tie for one holder; a position that a market of few holders never lets become judged.
 */
export function detectSkewOi(adapter: ProtocolAdapter): Detector<SkewOiParams> {
  return {
    meta: {
      id: "skew-oi",
      version: "1.0.0",
      class: "anomaly",
      needs: { all: ["L", "S"], degraded: ["H"] },
      finality: "finalized",
      runbook: "docs/requirements/derivatives.md#skew-oi",
      owner: "risk",
    },
    frameLogs: [],
    params: z
      .object({
        maxSkew: z.number().positive(),
        maxHerfindahl: z.number().positive(),
        maxOiToDepth: z.number().positive(),
        minAccounts: z.number().int().min(1),
        maxAccounts: z.number().int().min(1).max(4_096),
      })
      .strict(),
    defaults: { maxSkew: 0.8, maxHerfindahl: 0.25, maxOiToDepth: 1, minAccounts: 10, maxAccounts: 128 },
    calibrate(observed, settings) {
      const all = (["maxSkew", "maxHerfindahl", "maxOiToDepth"] as const).map((setting) =>
        proposeNumber(observed, settings, [
          setting,
          `${setting} `,
          { share: 0.001, factor: 1, least: leastOf[setting] },
        ]),
      );
      return {
        settings: Object.assign({}, ...all.map((one) => one?.settings)) as Partial<SkewOiParams>,
        evidence: all.flatMap((one) => one?.evidence ?? []),
      };
    },
    detect(context) {
      if (!context.block.has.includes("S")) return;
      const events = eventsOf(context, adapter);
      for (const market of adapter.markets) {
        const book = readBook(context, adapter, market, events, context.params.maxAccounts);
        if (book !== undefined) judge(context, adapter, market, book);
      }
    },
  };
}

// A market whose sides have always been even is not to be told at the first trade.
const leastOf = { maxSkew: 0.2, maxHerfindahl: 0.05, maxOiToDepth: 0.2 };

interface Measures {
  readonly skew: number;
  readonly herfindahl: number;
  readonly oiToDepth: number | undefined;
  readonly long: number;
  readonly short: number;
  readonly holders: readonly (readonly [account: Address, size: number])[];
}

function judge(
  context: DetectContext<SkewOiParams>,
  adapter: ProtocolAdapter,
  market: string,
  book: MarketBook<MarketState>,
): void {
  const { params, memory } = context;
  const found = measure(book);
  const grownKey = `${adapter.name}:${market}:grown`;
  const isGrown = memory.get(grownKey) === true || found.holders.length >= params.minAccounts;
  if (isGrown && memory.get(grownKey) !== true) memory.set(grownKey, true);
  if (isGrown) {
    context.observe(`maxSkew ${market}`, found.skew);
    context.observe(`maxHerfindahl ${market}`, found.herfindahl);
    if (found.oiToDepth !== undefined) context.observe(`maxOiToDepth ${market}`, found.oiToDepth);
  }
  const twoSided = book.market.long !== undefined || found.holders.some(([, size]) => size < 0);
  const beyond = [
    ...(isGrown && twoSided && found.skew > params.maxSkew ? ["one-sided"] : []),
    ...(isGrown && found.herfindahl > params.maxHerfindahl ? ["in few hands"] : []),
    ...(isGrown && (found.oiToDepth ?? 0) > params.maxOiToDepth ? ["larger than the market's depth"] : []),
  ];
  if (beyond.length === 0) return;
  const largest = found.holders[0];
  context.finding({
    severity: beyond.length > 1 ? "high" : "medium",
    subject: adapter.subject,
    ...(largest === undefined ? {} : { addresses: [largest[0]] }),
    reason: `Open interest of "${market}" is ${beyond.join(" and ")}.`,
    key: [adapter.name, market],
    score: Math.min(1, beyond.length / 3),
    evidence: {
      market,
      skew: toPlainNumber(found.skew),
      herfindahl: toPlainNumber(found.herfindahl),
      oiToDepth: found.oiToDepth === undefined ? null : toPlainNumber(found.oiToDepth),
      long: toPlainNumber(found.long),
      short: toPlainNumber(found.short),
      price: book.market.price,
      depth: book.market.depth ?? null,
      holders: found.holders.length,
      largest: found.holders.slice(0, 8).map(([account, size]) => [account, toPlainNumber(size)]),
    },
  });
}

function measure({ market, accounts }: MarketBook<MarketState>): Measures {
  const holders = [...accounts]
    .map(([account, { size }]) => [account, wadNumber(size)] as const)
    .filter(([, size]) => size !== 0)
    .sort(([a, x], [b, y]) => Math.abs(y) - Math.abs(x) || (a < b ? -1 : 1));
  const summed = (sign: 1 | -1) => holders.reduce((sum, [, size]) => sum + Math.max(0, sign * size), 0);
  const long = market.long === undefined ? summed(1) : wadNumber(market.long);
  const short = market.short === undefined ? summed(-1) : wadNumber(market.short);
  const open = Math.max(long, short) * wadNumber(market.price);
  const depth = market.depth === undefined ? undefined : wadNumber(market.depth);
  return {
    skew: long + short > 0 ? Math.abs(long - short) / (long + short) : 0,
    herfindahl: herfindahl(holders.map(([, size]) => Math.abs(size))),
    oiToDepth: depth === undefined ? undefined : depth > 0 ? open / depth : open > 0 ? Number.POSITIVE_INFINITY : 0,
    long,
    short,
    holders,
  };
}
