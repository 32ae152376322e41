import { z } from "zod";
import { toPlainNumber } from "../math/ratio.ts";
import { eventsOf, readBook } from "../model/AccountBook.ts";
import type { DetectContext, Detector, DetectorMeta } from "../model/Detector.ts";
import type { Address } from "../model/Hex.ts";
import type { ProtocolAdapter } from "../model/ProtocolAdapter.ts";
import { numberOf, readOf } from "../model/Reading.ts";
import {
  type AdapterJumpParams,
  type CollateralJumpParams,
  defaultLimits,
  limitShape,
  positionSchema,
  type WatchedPosition,
} from "./collateralJump/CollateralJumpParams.ts";
import { findJump } from "./collateralJump/findJump.ts";
import { judgeBook } from "./collateralJump/judgeBook.ts";
import { tellJump, tellUncovered } from "./collateralJump/tellJump.ts";

const meta: DetectorMeta = {
  id: "collateral-jump",
  version: "1.1.0",
  class: "damage",
  needs: { all: ["S"], degraded: ["H"] },
  finality: "finalized",
  runbook: "docs/requirements/detectors.md#collateral-jump",
  owner: "risk",
};

/**
 * Collateral jump: the ratio of collateral to debt moves in a way that the price does not explain.
 *
 *   r = dln(C/D) − beta · dlnP;   |r − median| > k · max(MAD, minMad) over the last blocks
 *
 * A fall is damage: claims are less covered than a block ago, and no price is the reason (high; critical is left to
 * exact invariants). A rise is an anomaly (medium): collateral was counted up, as by a donation, an inflated share or
 * an oracle that values what was put in. Collateral gone to zero or below with debt left is told at once, as damage.
 * Without a price set beta's part is zero. `beta: "rolling"` is the slope of the ratio's earlier moves over the price's by
 * least squares, jumps left out. Source: design judgement; k = 8, least jump 2 %. Calibration: minMad becomes the threshold
 * of the budget over k. Trap (CAT-04): a stablecoin's wobble and a rebase of some tenths of a per cent stay below 2 %.
 * Not seen: a jump of C and D together.
 */
export const detectCollateralJump: Detector<CollateralJumpParams> = {
  meta,
  frameLogs: [],
  params: z.object({ positions: z.array(positionSchema), ...limitShape }).strict(),
  defaults: { positions: [], ...defaultLimits },
  detect(context) {
    const { positions } = context.params;
    if (positions.length === 0 || !context.block.has.includes("S")) return;
    const readings = positions.map((p) => [p.collateral, p.debt, ...(p.price === undefined ? [] : [p.price])]);
    const answers = context.readAll(readings.flat().map((r) => readOf(r, "block")));
    let at = 0;
    positions.forEach((p, i) => {
      const [collateral, debt, price] = readings[i]!.map((r) => numberOf(r, answers[at++]));
      if (collateral !== undefined && debt !== undefined) judge(context, p, collateral, debt, price);
    });
  },
};

/**
 * The same from an adapter, for each account and for all of them together. C is what an account has put up, D what it must
 * have at least. An account's beta is exact, from its own exposure: expected ratio (C + E·x) / (D + F·x) at a price moved by
 * x; the system's is a rolling regression on what the exposures together say. Accounts that acted in the block are left out of both, for their act explains
 * them; what the act did to others shows in theirs.
 */
export function collateralJumpOf(adapter: ProtocolAdapter): Detector<AdapterJumpParams> {
  return {
    meta: { ...meta, needs: { all: ["L", "S"], degraded: ["H"] } },
    frameLogs: [],
    params: z.object({ ...limitShape, maxAccounts: z.number().int().min(1).max(4_096) }).strict(),
    defaults: { ...defaultLimits, maxAccounts: 128 },
    detect(context) {
      if (!context.block.has.includes("S")) return;
      const events = eventsOf(context, adapter);
      for (const market of adapter.markets) {
        const book = readBook(context, adapter, market, events, context.params.maxAccounts);
        if (book !== undefined) judgeBook(context, adapter, market, book);
      }
    },
  };
}

function judge(
  context: DetectContext<CollateralJumpParams>,
  watched: WatchedPosition,
  collateral: number,
  debt: number,
  price: number | undefined,
): void {
  const { memory, params } = context;
  const key = `last:${watched.name}`;
  const last = memory.get(key) as readonly [number, number | null] | undefined;
  const of = { name: watched.name, subject: watched.subject as Address, key: [watched.name] };
  const figures = { collateral: toPlainNumber(collateral), debt: toPlainNumber(debt) };
  if (debt <= 0) {
    memory.set(key, undefined);
    return;
  }
  if (collateral <= 0) {
    memory.set(key, undefined);
    tellUncovered(context, of, figures);
    return;
  }
  const ratio = Math.log(collateral / debt);
  const logPrice = price !== undefined && price > 0 ? Math.log(price) : null;
  memory.set(key, [ratio, logPrice]);
  if (last === undefined) return;
  const move = last[1] !== null && logPrice !== null ? logPrice - Number(last[1]) : 0;
  const jump = findJump(memory, watched.name, { ratio: ratio - Number(last[0]), price: move }, watched.beta, params);
  if (jump !== undefined) tellJump(context, of, jump, { ...figures, pricePart: toPlainNumber(jump.beta * move) });
}
