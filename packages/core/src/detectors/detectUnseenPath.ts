import { z } from "zod";
import { loweredSeverity } from "../model/AnnouncedChange.ts";
import type { DetectContext, Detector } from "../model/Detector.ts";
import type { Severity } from "../model/Finding.ts";
import type { Address } from "../model/Hex.ts";
import type { TxView } from "../model/TxView.ts";
import { findAdminEvents } from "../signs/AdminEvent.ts";
import {
  countUse,
  isLearned,
  type LearnPhase,
  type LearnTerms,
  learnPath,
  noteUpgrade,
  wasTold,
} from "./unseenPath/LearnedPaths.ts";
import { type CallPath, pathsOf } from "./unseenPath/pathOf.ts";
import { proposeConfirmed } from "./unseenPath/proposeConfirmed.ts";

export interface UnseenPathParams extends LearnTerms {
  /** Hashes of paths that a person has reviewed and found benign. */
  readonly confirmed: readonly string[];
  /** New paths that are told a block; an attacker can make as many as he pays for. */
  readonly maxTold: number;
}

/**
 * Unseen path: protected code is used in a way that it never was.
 *
 *   path(entry) = the tree of (protected address or x, selector) below a call from outside, with what foreign code does
 *   among itself, arguments and amounts dropped, and runs of equal rounds folded; path(tx) = the folded order of entries
 *   told: a path that is neither learned nor confirmed      medium; high where the address only loses by it
 *
 * Learned while fewer than 7 days or 1,000 transactions of the address were seen; and, told two steps lower, for a day and
 * 100 transactions after its own upgrade, unless the address only loses by it. Otherwise the set grows by `confirmed`
 * alone: a finding that one person marked as harmless and another accepted is proposed (`proposeConfirmed`). The set rolls back with the chain.
 * Source: CrossGuard, ICSE 2026 (32 of 37 hacks have a control flow that was never seen). Calibration: the learning time.
 * Evasion: using the protocol as others do with other amounts; a path that was walked in the learning time; reverted tries
 * and loops of more than four calls a round are not folded.
 */
export const detectUnseenPath: Detector<UnseenPathParams> = {
  meta: {
    id: "unseen-path",
    version: "1.0.0",
    class: "anomaly",
    needs: { all: ["T", "H"] },
    finality: "finalized",
    runbook: "docs/requirements/catalogue.md#unseen-path",
    owner: "protocol",
  },
  frameLogs: [],
  params: z
    .object({
      learnSeconds: z.number().int().min(0),
      learnTxs: z.number().int().min(0),
      relearnSeconds: z.number().int().min(0),
      relearnTxs: z.number().int().min(0),
      maxPaths: z.number().int().min(1).max(65_536),
      confirmed: z.array(z.string().regex(/^0x[0-9a-f]{32}$/, "a path's hash, as a finding shows it")).max(65_536),
      maxTold: z.number().int().min(1).max(64),
    })
    .strict(),
  defaults: {
    learnSeconds: 604_800,
    learnTxs: 1_000,
    relearnSeconds: 86_400,
    relearnTxs: 100,
    maxPaths: 4_096,
    confirmed: [],
    maxTold: 8,
  },
  calibrate(observed, settings) {
    // What a history walked at least twice is habit; a path of one day alone is for a person to confirm.
    const seen = [...observed].flatMap(([series, list]) =>
      series.startsWith("path ") && new Set(list.map(({ timestamp }) => timestamp / 86_400n)).size > 1
        ? [series.slice(5)]
        : [],
    );
    const confirmed = [...new Set([...settings.confirmed, ...seen])].slice(0, 65_536);
    if (seen.length === 0) return undefined;
    const [before, after] = [settings.confirmed.length, confirmed.length];
    const samples = [...observed.values()].reduce((sum, list) => sum + list.length, 0);
    return {
      settings: { confirmed, learnSeconds: 0, learnTxs: 0 },
      evidence: [
        { setting: "confirmed paths", before, after, rule: "those of at least two days, to be confirmed,", samples },
      ],
    };
  },
  learn(feedback, settings) {
    const { hashes, refused } = proposeConfirmed(feedback);
    const confirmed = [...new Set([...settings.confirmed, ...hashes])].slice(0, 65_536);
    const [before, after] = [settings.confirmed.length, confirmed.length];
    const rule = "reviewed false alarms, to be confirmed,";
    const evidence =
      after > before ? [{ setting: "confirmed paths", before, after, rule, samples: hashes.length }] : [];
    return { settings: { confirmed }, evidence, refused };
  },
  detect(context) {
    const confirmed = new Set(context.params.confirmed);
    let left = context.params.maxTold;
    for (const view of context.txs) {
      noteUpgrades(context, view);
      if (view.trace === undefined) continue;
      const paths = pathsOf(view.trace, context.watched);
      const phases = new Map<Address, LearnPhase>();
      for (const { subject } of paths)
        if (!phases.has(subject)) phases.set(subject, countUse(context.memory, subject, now(context), context.params));
      for (const path of paths) {
        context.observe(`path ${path.hash}`, 1);
        if (isLearned(context.memory, path.hash) || confirmed.has(path.hash)) continue;
        if (judge(context, view, path, phases.get(path.subject)!, left > 0)) left -= 1;
      }
    }
  },
};

type Context = DetectContext<UnseenPathParams>;

function now({ block }: Context): number {
  return Number(block.ref.timestamp);
}

const upgrades = [
  "Upgraded(address)",
  "BeaconUpgraded(address)",
  "DiamondCut((address,uint8,bytes4[])[],address,bytes)",
];

function noteUpgrades(context: Context, view: TxView): void {
  for (const { address, signature } of findAdminEvents(view, context.watched))
    if (upgrades.includes(signature)) noteUpgrade(context.memory, address, now(context));
}

/** Learns or tells a new path; whether it was told. */
function judge(context: Context, view: TxView, path: CallPath, phase: LearnPhase, mayTell: boolean): boolean {
  const { memory, params } = context;
  const { subject, hash } = path;
  const losing = onlyLoses(view, subject);
  const isKept =
    (phase === "learning" || (phase === "relearning" && !losing)) && learnPath(memory, subject, hash, params.maxPaths);
  if (phase === "learning") {
    if (!isKept) tellFull(context, subject);
    return false;
  }
  if (!mayTell || wasTold(memory, hash, now(context))) return false;
  const base: Severity = losing ? "high" : "medium";
  context.finding({
    severity: phase === "relearning" ? loweredSeverity(base, losing ? 1 : 2) : base,
    subject,
    reason: `${subject} is used by a path that was never seen${phase === "relearning" ? " before its upgrade" : ""}${losing ? ", and loses by it" : ""}.`,
    txHash: view.tx.hash,
    addresses: [view.tx.from, ...(view.tx.to === null ? [] : [view.tx.to])],
    key: [hash],
    score: losing ? 1 : 0.5,
    evidence: {
      hash,
      kind: path.kind,
      path: path.text.slice(0, 2_000),
      phase,
      onlyLoses: losing,
      learnedPaths: Number(memory.get(`paths:${subject}`) ?? 0),
    },
  });
  return true;
}

/** Whether assets left the address and none came. */
function onlyLoses(view: TxView, subject: Address): boolean {
  const amounts = [...(view.flow().net.get(subject)?.values() ?? [])];
  return amounts.some((amount) => amount < 0n) && amounts.every((amount) => amount <= 0n);
}

function tellFull(context: Context, subject: Address): void {
  const { maxPaths } = context.params;
  context.finding({
    severity: "low",
    subject,
    reason: `${subject} is used by more than ${maxPaths} paths; what comes after them is told as unseen.`,
    key: ["full"],
    score: 0,
    evidence: { kind: "full", maxPaths },
  });
}
