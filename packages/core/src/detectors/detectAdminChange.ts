import { z } from "zod";
import { madeIn } from "../model/ActorCluster.ts";
import { announcedSchema, loweredSeverity } from "../model/AnnouncedChange.ts";
import type { Detector } from "../model/Detector.ts";
import { type Address, type Hex, wordAt } from "../model/Hex.ts";
import { functionSelector } from "../model/signatureHash.ts";
import type { TxView } from "../model/TxView.ts";
import { type AdminEvent, isAdminLog } from "../signs/AdminEvent.ts";
import { changesOf } from "../signs/ControlChange.ts";
import { amountOf } from "../signs/Holding.ts";
import { beaconSlot } from "../signs/proxyOf.ts";
import type { AdminChangeParams } from "./adminChange/AdminChangeParams.ts";
import { judgeBeacons, judgeDelegations, judgeSlots, knownBeacons, viewsOf } from "./adminChange/judgeMoves.ts";
import { slotsOfEvent } from "./adminChange/movedSlots.ts";
import { rememberSchedules } from "./adminChange/noticeOf.ts";
import { type Context, noticeFor, plainNotice, type Seen, subjectOf } from "./adminChange/Seen.ts";
import { severityOf } from "./adminChange/severityOf.ts";

/**
 * Admin change: who controls a protected address, or what code it runs, has changed.
 *
 *   critical: Initialized on a contract that was live, followed by an upgrade or change of owner in one transaction
 *   high: Initialized on a live contract without an upgrade before it; a proxy's slot (EIP-1967, EIP-1822) or its beacon's
 *   pointer moved without its event; an account's code changed by a delegation (EIP-7702); a timelock's delay or a governor's delay, period or quorum lowered; a Safe's module, guard or threshold changed; a
 *   role that leads to all others, to code or to money · `ordinary` (high): upgrade, owner, other roles
 *   medium: another source of prices, or another bound on them (CAPO 2026-03, Moonwell 2025-11 began so)
 *   low: a Safe's threshold raised (seen in S) · nothing: a delay that grows
 *   lowered by two steps where the calendar names it, by one where a governor let it wait on chain; never silenced
 *
 * A Safe that is named has its singleton, owners' count, threshold, guards and handler watched in storage too.
 * Upgrade-then-reinitialise is the normal order of an upgrade; initialise-then-upgrade is a takeover (Pike 2024-04).
 * The beacons of protected beacon proxies are governed too: what they point at runs in every proxy of theirs.
 * Slots are read only when a transaction touched the address, and compared with what stood there last.
 * Source: EIP-1967, EIP-1822, EIP-7702, OpenZeppelin, Compound and Safe. Default: notice of a day. Calibration: the calendar. Degraded
 * without S: events, and delegations as they were signed. Evasion: control kept in storage of the protocol's own making; an attack in an announced window
 * that names no values, which is lowered.
 */
export const detectAdminChange: Detector<AdminChangeParams> = {
  meta: {
    id: "admin-change",
    version: "1.3.0",
    class: "anomaly",
    needs: { all: ["L"], degraded: ["S"] },
    finality: "finalized",
    runbook: "docs/requirements/detectors.md#admin-change",
    owner: "protocol",
  },
  frameLogs: [],
  params: z
    .object({
      governors: z.array(z.string().regex(/^0x[0-9a-f]{40}$/)),
      ordinary: z.enum(["low", "medium", "high"]),
      safes: z.array(z.string().regex(/^0x[0-9a-f]{40}$/)).max(64),
      announced: announcedSchema,
      noticeSeconds: z.number().int().min(0),
    })
    .strict(),
  defaults: { governors: [], ordinary: "high", safes: [], announced: [], noticeSeconds: 86_400 },
  detect(context) {
    const { governors, safes } = context.params;
    const named = new Set([...context.watched, ...governors, ...safes] as Address[]);
    const beacons = beaconsOf(context, named);
    const concerned = new Set<Address>([...named, ...beacons.keys()]);
    const explained = new Set<string>();
    const withSlots = new Set([...context.watched, ...safes] as Address[]);
    const touched = viewsOf(context.txs, withSlots);
    const told = context.txs
      .map((view) => [view, changesOf(view, concerned)] as const)
      .filter(([, events]) => events.length > 0);
    const seen = { named, born: bornHere(context, told), beacons, thresholds: thresholdsOf(context, told), explained };
    for (const [view, events] of told) judgeEvents(context, view, events, seen);
    // After the events: what is scheduled and executed in one block was announced to nobody.
    rememberSchedules(context.memory, context.txs, named, Number(context.block.ref.timestamp));
    judgeDelegations(context, named, seen);
    if (!context.block.has.includes("S")) return;
    if (touched.size > 0) judgeSlots(context, touched, seen);
    judgeBeacons(context, seen);
  },
};

/**
 * The beacon of each protected beacon proxy, with the proxy. Asked for only when some other contract of the block tells
 * of a change of control, and remembered with the slots: a beacon changes in its proxy, which is a touch.
 */
function beaconsOf(context: Context, named: ReadonlySet<Address>): Map<Address, Address> {
  const { block, memory, watched } = context;
  const isTold = context.txs.some(({ logs }) => logs.some((l) => isAdminLog(l) && !named.has(l.address)));
  if (!isTold || !block.has.includes("S")) return new Map();
  const unknown = [...watched].filter((address) => memory.get(`beacon:${address}`) === undefined);
  const answers = context.readAll(
    unknown.map((address) => ({ kind: "slot", at: "parent", address, slot: beaconSlot })),
  );
  unknown.forEach((address, i) => {
    const answer = answers[i];
    if (answer?.ok === true) memory.set(`beacon:${address}`, answer.value);
  });
  return knownBeacons(context);
}

function judgeEvents(context: Context, view: TxView, events: readonly AdminEvent[], seen: Seen): void {
  for (const address of new Set(events.map((e) => e.address))) {
    const own = events.filter((e) => e.address === address);
    for (const e of own) for (const name of slotsOfEvent[e.signature] ?? []) seen.explained.add(`${address}|${name}`);
    // A contract that comes into being in this very transaction is set up, not taken over.
    if (seen.born.has(address)) continue;
    const isRaised = ({ data }: AdminEvent) =>
      (wordAt(data as Hex, 0) ?? 0n) > (seen.thresholds.get(address) ?? 2n ** 256n);
    const severity = severityOf(own, context.params.ordinary, isRaised);
    if (severity === undefined) continue;
    const names = [...new Set(own.map((e) => e.signature))];
    const notice = noticeFor(context, seen, view, address, own.map((e) => [...e.topics, e.data].join()).join());
    context.finding({
      severity: notice === undefined ? severity : loweredSeverity(severity, notice.steps),
      subject: subjectOf(context, seen, address),
      reason: `Control of ${address} changed${notice === undefined ? "" : " as announced"}: ${names.join(", ")}.`,
      txHash: view.tx.hash,
      logIndex: own[0]!.logIndex,
      addresses: [address, view.tx.from],
      key: [view.tx.hash, address],
      score: { info: 0, low: 0.25, medium: 0.5, high: 0.75, critical: 1 }[severity],
      evidence: {
        events: own.map((e) => ({ signature: e.signature, topics: e.topics, data: e.data, logIndex: e.logIndex })),
        ...plainNotice(notice, severity),
      },
    });
  }
}

const getThreshold = functionSelector("getThreshold()");

/** The threshold before the block of each Safe that tells of a new one. */
function thresholdsOf(
  context: Context,
  told: readonly (readonly [TxView, readonly AdminEvent[]])[],
): ReadonlyMap<Address, bigint> {
  const changed = told.flatMap(([, events]) => events.filter((e) => e.signature.startsWith("ChangedThreshold")));
  const safes = [...new Set(changed.map((e) => e.address))];
  if (safes.length === 0 || !context.block.has.includes("S")) return new Map();
  const answers = context.readAll(safes.map((to) => ({ kind: "call", at: "parent", to, data: getThreshold })));
  return new Map(
    safes.flatMap((safe, i): [Address, bigint][] => {
      const threshold = amountOf(answers[i]);
      return threshold === undefined ? [] : [[safe, threshold]];
    }),
  );
}

/** Addresses that had no code at the parent block. Without state: those that the transaction created. */
function bornHere(context: Context, told: readonly (readonly [TxView, readonly AdminEvent[]])[]): Set<Address> {
  const starts = told.flatMap(([view, events]) => events.map((e) => ({ view, address: e.address })));
  if (!context.block.has.includes("S"))
    return new Set(starts.filter(({ view, address }) => madeIn(view).includes(address)).map((s) => s.address));
  const codes = context.readAll(starts.map(({ address }) => ({ kind: "code", at: "parent", address })));
  return new Set(
    starts.flatMap(({ address }, i) => (codes[i]?.ok === true && codes[i].value === "0x" ? [address] : [])),
  );
}
