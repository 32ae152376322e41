import { toPlainNumber } from "../../math/ratio.ts";
import { isAtLeast, mostSevere, type Severity } from "../../model/Finding.ts";
import type { Address } from "../../model/Hex.ts";
import { keyOf } from "../../signs/HoldingsBook.ts";
import { type Leg, lossOf } from "../../signs/Loss.ts";
import type { AssetDrainContext } from "./AssetDrainParams.ts";
import { type DrainFlag, flagText } from "./flagText.ts";
import type { Judged } from "./Judged.ts";
import { percent } from "./percent.ts";
import { lowered, severityOf } from "./severityOf.ts";
import { sumOf } from "./sumOf.ts";
import { keepTakings, linkedTo, type Taking, takingOf, takingsSince } from "./Taking.ts";

/** Over this time small takings of the same actors add up (Z1). */
const hourSeconds = 3600;

/** What several takings come to. */
interface Total {
  readonly severity: Severity;
  readonly loss: number;
  readonly worst: string | undefined;
  readonly outs: readonly Leg[];
  readonly ins: readonly Leg[];
  readonly signs: Taking["signs"];
}

/**
 * Judges Z1 over the block and over an hour, for a drain that was cut into many transactions. The block's signs count for
 * what was taken by transactions that show one and by the same actors; takings of an hour must be the same actors' all.
 *
 * @param moved Net of the block by holder and asset: what came in again has not been lost.
 */
export function judgeBlock(
  context: AssetDrainContext,
  judged: readonly Judged[],
  moved: ReadonlyMap<string, bigint>,
): void {
  const at = Number(context.block.ref.timestamp);
  for (const holder of new Set(judged.map((j) => j.dealing.holder))) {
    const own = judged.filter((j) => j.dealing.holder === holder);
    const takings = own
      .filter((j) => j.owing.length > 0 && !j.isVouched)
      .map((j) => takingOf(context.deployerOf, j, at));
    const past = takingsSince(context.memory, holder, at - hourSeconds);
    keepTakings(context.memory, holder, [...past, ...takings]);
    const { thetaTx, thetaHour } = context.params;
    const signed = linkedTo(
      takings.filter((t) => t.signs.length > 0),
      takings,
    );
    const inBlock =
      own.length < 2 ? [] : [totalOf(signed, thetaTx), netted(totalOf(takings, thetaTx, []), holder, moved, thetaTx)];
    const inHour = signed.length === 0 ? undefined : totalOf(linkedTo(signed, past), thetaHour);
    const told = mostSevere(own.flatMap((j) => j.severity ?? []));
    const block = worstOf(inBlock);
    if (isNews(block, told)) tell(context, holder, block, own, "block");
    if (isNews(inHour, mostSevere([told, block?.severity].filter((s) => s !== undefined))))
      tell(context, holder, inHour, own, "hour");
  }
}

/** What `takings` come to; undefined below `theta`. What came in for it lowers it by a step and takes nothing away. */
function totalOf(takings: readonly Taking[], theta: number, signs = unionOf(takings)): Total | undefined {
  const { outs, ins } = sumOf(takings);
  const claim = takings.reduce((sum, t) => sum + t.claim, 0);
  const [gross, net] = [lossOf(outs, [], claim), lossOf(outs, ins, claim)];
  if (gross.loss < theta) return undefined;
  const hasGain = takings.some((t) => t.hasGain);
  const whole = severityOf({ isZ1: true, isZ2: false, isKept: false, isNet: false, hasGain }, signs)!;
  const severity = net.loss < theta ? lowered(whole)! : whole;
  return { severity, loss: gross.loss, worst: gross.worst, outs, ins, signs };
}

function unionOf(takings: readonly Taking[]): Taking["signs"] {
  return [...new Set(takings.flatMap((t) => t.signs))].sort();
}

/** `total` of a whole block without what came in again; undefined where that leaves less than `theta`. */
function netted(total: Total | undefined, holder: Address, moved: ReadonlyMap<string, bigint>, theta: number) {
  if (total === undefined) return undefined;
  const left = total.outs.flatMap((leg) => {
    const net = -(moved.get(keyOf(holder, leg.asset)) ?? 0n);
    return net > 0n ? [{ ...leg, amount: net < leg.amount ? net : leg.amount }] : [];
  });
  const { loss, worst } = lossOf(left, []);
  return loss < theta ? undefined : { ...total, loss, worst, outs: left };
}

function worstOf(totals: readonly (Total | undefined)[]): Total | undefined {
  return totals
    .filter((t) => t !== undefined)
    .reduce<Total | undefined>(
      (top, t) => (top !== undefined && isAtLeast(top.severity, t.severity) ? top : t),
      undefined,
    );
}

function isNews(total: Total | undefined, told: Severity | undefined): total is Total {
  return total !== undefined && (told === undefined || !isAtLeast(told, total.severity));
}

function tell(
  context: AssetDrainContext,
  holder: Address,
  { severity, loss, worst, outs, ins, signs }: Total,
  own: readonly Judged[],
  span: "block" | "hour",
): void {
  const what =
    span === "block" ? `${own.length} transactions of one block` : "Transactions of one hour by the same actors";
  const flags: readonly DrainFlag[] = ["Z1", ...signs];
  context.finding({
    severity,
    subject: holder,
    reason: `${what} took ${percent(loss)} of what ${holder} held of ${worst}${flagText(flags)}.`,
    addresses: own.map((j) => j.dealing.view.tx.from).slice(0, 16),
    key: [span],
    score: loss,
    evidence: {
      loss: toPlainNumber(loss),
      flags,
      uncalibrated: true,
      thetaTx: context.params.thetaTx,
      thetaHour: context.params.thetaHour,
      out: outs.map((l) => ({ asset: l.asset, amount: l.amount, held: l.held })),
      in: ins.map((l) => ({ asset: l.asset, amount: l.amount, held: l.held })),
      txs: own.map((j) => j.dealing.view.tx.hash).slice(0, 64),
    },
  });
}
