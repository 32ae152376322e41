import { toPlainNumber } from "../../math/ratio.ts";
import { wadNumber } from "../../math/wadNumber.ts";
import type { Hex } from "../../model/Hex.ts";
import type { Trade } from "../../model/ProtocolEvent.ts";
import type { Decoded, FillCase } from "./ExecVsMarkParams.ts";

/** Tells each fill that was better for its account than worth, usual spread, fee and slack allow. */
export function judgeFills(at: FillCase, decoded: readonly Decoded[]): void {
  const { context, adapter, market, spread } = at;
  if (spread === undefined) return;
  const limit = spread + (adapter.terms.feeBps + context.params.slackBps) / 10_000;
  for (const { view, events } of decoded)
    for (const event of events) {
      if (event.kind !== "trade" || event.market !== market || event.size === 0n) continue;
      if (event.role !== "taker" && event.role !== "settlement") continue;
      const found = advantageOf(at, event);
      // What a fill is better by than spread and fee explain, in basis points.
      const beyond = found === undefined ? 0 : found.advantage - limit + context.params.slackBps / 10_000;
      if (found !== undefined) context.observe(`slack ${market}`, Math.max(0, beyond * 10_000));
      if (found !== undefined && found.advantage > limit) tell(at, event, view.tx.hash, { ...found, limit });
    }
}

interface Advantage {
  readonly advantage: number;
  readonly worth: number;
}

function advantageOf({ adapter, pair }: FillCase, trade: Trade): Advantage | undefined {
  const states = pair.before === undefined ? [pair.after] : [pair.before, pair.after];
  const price = wadNumber(trade.price);
  const found = states.flatMap((state): Advantage[] => {
    const worth = adapter.worth(trade, state);
    if (worth === undefined) return [];
    const [value, unit, side] = [wadNumber(worth.value), wadNumber(worth.unit), trade.size > 0n ? 1 : -1];
    return unit > 0 ? [{ advantage: (side * (value - price)) / unit, worth: value }] : [];
  });
  return found.length === 0 ? undefined : found.reduce((a, b) => (b.advantage < a.advantage ? b : a));
}

function tell(
  { context, adapter, market, pair, spread }: FillCase,
  trade: Trade,
  txHash: Hex,
  { advantage, worth, limit }: Advantage & { readonly limit: number },
): void {
  const percent = (share: number) => `${(share * 100).toFixed(2)} %`;
  context.finding({
    severity: advantage > Math.max(3 * limit, context.params.highBps / 10_000) ? "high" : "medium",
    subject: adapter.subject,
    addresses: [trade.account],
    txHash,
    logIndex: trade.logIndex,
    reason: `A fill in "${market}" was ${percent(advantage)} better than an independent price; ${percent(limit)} is usual.`,
    key: [adapter.name, market, "fill", trade.account],
    score: Math.min(1, advantage / (10 * limit)),
    evidence: {
      kind: "fill",
      market,
      account: trade.account,
      size: trade.size,
      price: trade.price,
      worth: toPlainNumber(worth),
      advantage: toPlainNumber(advantage),
      limit: toPlainNumber(limit),
      usualSpread: toPlainNumber(spread ?? 0),
      feeBps: adapter.terms.feeBps,
      slackBps: context.params.slackBps,
      referenceBefore: pair.before?.reference ?? null,
      referenceAfter: pair.after.reference ?? null,
      role: trade.role,
    },
  });
}
