// The report on one transaction: pure but for the reads that the caller answers.
import { zeroAddress } from "@testudo/core/model/Asset";
import { netOfGroup } from "@testudo/core/model/AssetFlow";
import { isAtLeast } from "@testudo/core/model/Finding";
import type { Address } from "@testudo/core/model/Hex";
import type { StateRead } from "@testudo/core/model/StateRead";
import { judgeTx, type TxJudgement } from "@testudo/core/pipeline/judgeTx";
import { actorsOf } from "./actorsOf.ts";
import type { Assets } from "./amounts.ts";
import { classify } from "./classify.ts";
import { decodeCalls } from "./decodeCalls.ts";
import type { Examined } from "./Examined.ts";
import { defencesOf, rootCauseOf, sentenceOf } from "./explain.ts";
import { type HolderLoss, lossesOf } from "./lossesOf.ts";
import { shortAddress } from "./openDecoder.ts";
import { movesOf, oracleReadsOf } from "./oracleReadsOf.ts";
import { partiesOf } from "./partiesOf.ts";
import { type Classified, type Flow, type ForensicReport, type Party, reportFormat, type Verdict } from "./Report.ts";
import { readAssets } from "./readAssets.ts";
import { openStudy, type Study } from "./Study.ts";
import { stateChangesOf } from "./stateChangesOf.ts";
import { timelineOf } from "./timelineOf.ts";

/** Explains a transaction (LAB-10 to LAB-16). Rejects with what `examined.answer` rejects with. */
export async function examineTransaction(examined: Examined): Promise<ForensicReport> {
  const study = openStudy(examined);
  const actors = actorsOf(study);
  const assets = await readAssets(study);
  const losses = await lossesOf(study, actors);
  const oracleReads = await oracleReadsOf(study, actors);
  const moves = movesOf(study);
  const judgement = await judged(examined, study);
  const name = (address: Address) =>
    actors.has(address) ? actorLabel(study, address) : (assets.get(address)?.symbol ?? shortAddress(address));
  const changes = stateChangesOf(study, (address) => (actors.has(address) ? "actor" : address));
  const losers = new Set(losses.map(({ holder }) => holder));
  const { control } = changes;
  const classification = classify({
    study,
    actors,
    losses,
    losers,
    oracleReads,
    control,
    judgement,
    assets,
    say: name,
  });
  const verdict = verdictOf(study, actors, losses, judgement, classification);
  const harmed = new Set(
    judgement.findings.filter(({ severity }) => isAtLeast(severity, "high")).map(({ subject }) => subject),
  );
  const parties = partiesOf({ study, actors, losses, moves, verdict, harmed, assets });
  const say = (address: Address) => parties.find(({ id }) => id === address)?.name ?? name(address);
  const drained = judgement.findings.find(({ detector }) => detector === "asset-drain")?.subject;
  const explained = { drained, study, verdict, classification, parties, losses, oracleReads, assets, say };
  return {
    format: reportFormat,
    chainId: examined.chainId,
    transaction: reported(examined, study),
    sentence: sentenceOf(explained),
    verdict,
    classification,
    rootCause: rootCauseOf(explained),
    parties,
    assets: [...assets.values()],
    flow: flowOf(study, parties),
    losses: losses.map(({ holder, asset, amount, held, share }) => ({
      party: holder,
      holder,
      asset,
      amount,
      held,
      share,
    })),
    timeline: timelineOf({ study, actors, assets, moves, oracleReads, control, say }),
    oracleReads,
    priceMoves: moves,
    callTree: decodeCalls(study, (address) => labelOf(address, study, actors, parties, assets)),
    stateChanges: changes,
    findings: judgement.findings,
    defences: defencesOf(explained),
    limits: limitsOf(examined, study, judgement),
  };
}

async function judged({ answer, chainId, block, protect }: Examined, { view }: Study): Promise<TxJudgement> {
  const { tx, trace, logs } = view;
  return judgeTx(
    { trace: trace!, logs, hash: tx.hash, nonce: tx.nonce, chainId, block },
    {
      ...(protect === undefined || protect.length === 0 ? {} : { protect }),
      ...(answer === undefined ? {} : { answer: (reads: readonly StateRead[]) => answer(reads) }),
    },
  );
}

// Lost for nothing, and this much of what was held, is harm by itself where the way was unusual.
const grave = 0.2;

function verdictOf(
  { examined, view }: Study,
  actors: ReadonlySet<Address>,
  losses: readonly HolderLoss[],
  { detected, severity }: TxJudgement,
  classification: readonly Classified[],
): Verdict {
  if (!examined.succeeded) return detected ? "suspicious" : "ordinary";
  const gains = [...netOfGroup(view.flow(), actors).values()].some((amount) => amount > 0n);
  const hurts = losses.some(({ isPaid, share }) => !isPaid && (share === null || share > 0));
  const isGrave = losses.some(({ isPaid, share }) => !isPaid && (share ?? 0) >= grave);
  const isSure = classification.some((one) => one.class !== "flash-loan" && one.confidence === "certain");
  const isLikely = classification.some((one) => one.class !== "flash-loan" && one.confidence === "likely");
  if (detected && (gains || hurts)) return "attack";
  if (isGrave && (isSure || isLikely)) return "attack";
  if (detected || isSure || (severity !== null && isAtLeast(severity, "medium"))) return "suspicious";
  // A single sign is in honest use too, as a vote is; where somebody lost by it, it is not waved through.
  const isNamed = isLikely || (hurts && classification.some((one) => one.class !== "flash-loan"));
  // Not by a loss alone, of whomever: a vault that keeps its books by itself gives at each withdrawal.
  return isNamed ? "suspicious" : "ordinary";
}

function reported(
  { tx, block, succeeded, gasUsed, before = [] }: Examined,
  { view, decoder }: Study,
): ForensicReport["transaction"] {
  const { hash, from, to, value } = tx;
  const { trace } = view;
  return {
    hash,
    from,
    to,
    value,
    blockNumber: block.number,
    timestamp: block.timestamp,
    succeeded,
    gasUsed: gasUsed ?? null,
    error: succeeded ? null : (decoder.reason(trace!.output) ?? trace!.error ?? "failed"),
    before: before.map((one) => one.hash),
  };
}

function actorLabel({ view }: Study, address: Address): string {
  return address === view.tx.from ? `the sender ${shortAddress(address)}` : `the actor's ${shortAddress(address)}`;
}

function labelOf(
  address: Address,
  { view }: Study,
  actors: ReadonlySet<Address>,
  parties: readonly Party[],
  assets: Assets,
): string | null {
  if (address === view.tx.from) return "sender";
  if (actors.has(address)) return "actor's contract";
  const symbol = assets.get(address)?.symbol;
  if (symbol !== undefined && symbol !== shortAddress(address)) return symbol;
  const party = parties.find(({ id }) => id === address);
  return party === undefined || party.role === "counterparty" ? null : party.role;
}

function flowOf({ view, transfers, examined }: Study, parties: readonly Party[]): Flow {
  const { net, source, unbalanced } = view.flow();
  const partyOf = new Map(parties.flatMap(({ id, addresses }) => addresses.map((address) => [address, id] as const)));
  const moved = (from: Address, own: ReadonlyMap<string, bigint>) => ({
    address: from,
    party: partyOf.get(from) ?? from,
    amounts: [...own].filter(([, amount]) => amount !== 0n).map(([asset, amount]) => ({ asset, amount })),
  });
  const supply = [...(net.get(zeroAddress) ?? [])];
  return {
    source,
    net: [...net].map(([address, own]) => moved(address, own)).filter(({ amounts }) => amounts.length > 0),
    transfers: transfers.map(({ asset, from, to, amount }) => ({ asset, from, to, amount })),
    minted: supply.filter(([, amount]) => amount < 0n).map(([asset, amount]) => ({ asset, amount: -amount })),
    burned: supply.filter(([, amount]) => amount > 0n).map(([asset, amount]) => ({ asset, amount })),
    unbalanced: [...unbalanced],
    currency: examined.prices?.currency ?? null,
  };
}

function limitsOf(
  { answer, diff, limits = [], prices }: Examined,
  { view }: Study,
  { notJudged, failed }: TxJudgement,
): string[] {
  return [
    ...limits,
    ...(answer === undefined
      ? ["No state is known: holdings, names of tokens and prices before the transaction are missing."]
      : []),
    ...(diff === undefined ? ["What changed in storage is not known."] : []),
    ...(prices === undefined ? ["No prices were given: gains and losses are told in tokens."] : []),
    ...(view.flow().source === "calldata" && view.tx.input !== "0x"
      ? ["There are no logs: what moved of tokens was read from calldata."]
      : []),
    ...(notJudged.length > 0 ? [`Not judged for want of state or history: ${notJudged.join(", ")}.`] : []),
    ...failed.map(({ detector, message }) => `The detector ${detector} failed: ${message}`),
  ];
}
