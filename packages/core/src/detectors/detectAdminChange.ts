import { z } from "zod";
import { madeIn } from "../model/ActorCluster.ts";
import { type AdminEvent, findAdminEvents, isAdminLog } from "../model/AdminEvent.ts";
import { zeroAddress } from "../model/Asset.ts";
import type { DetectContext, Detector } from "../model/Detector.ts";
import type { Severity } from "../model/Finding.ts";
import { type Address, addressOfWord, type Hex, wordAt } from "../model/Hex.ts";
import type { TxView } from "../model/TxView.ts";
import { touchedBy } from "../model/touchedBy.ts";

export interface AdminChangeParams {
  /** Timelocks, Safes and proxy admins that govern the protected addresses; their events count as those of `subject`. */
  readonly governors: readonly string[];
  /** Severity of an ordinary change, such as an upgrade that was announced. */
  readonly ordinary: "low" | "medium" | "high";
}

/** EIP-1967: keccak256 of the name less one. */
const slots: readonly (readonly [name: string, slot: Hex])[] = [
  ["implementation", "0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc"],
  ["admin", "0xb53127684a568b3173ae13b9f8a6016e243e63b6e8ee1178d6a717850b5d6103"],
  ["beacon", "0xa3f0ad74e5423aebfd80d3ef4346578335a9a72aeaee59ff6cb3582b35133d50"],
];

/**
 * Admin change: who controls a protected address, or what code it runs, has changed.
 *
 *   critical: Initialized on a contract that was live, followed by an upgrade or change of owner in one transaction
 *   high: Initialized on a live contract without an upgrade before it; an EIP-1967 slot moved without its event; a
 *   timelock's delay lowered; a Safe's module, guard or threshold changed · `ordinary` (high): upgrade, owner, role
 *
 * Upgrade-then-reinitialise is the normal order of an upgrade; initialise-then-upgrade is a takeover (Pike 2024-04).
 * The beacons of protected beacon proxies are governed too: what they point at runs in every proxy of theirs.
 * Slots are read only when a transaction touched the address, and compared with what stood there last.
 * Source: EIP-1967, OpenZeppelin and Safe events. Degraded without S: events only.
 */
export const detectAdminChange: Detector<AdminChangeParams> = {
  meta: {
    id: "admin-change",
    version: "1.0.0",
    class: "anomaly",
    needs: { all: ["L"], degraded: ["S"] },
    finality: "finalized",
    runbook: "docs/requirements/detectors.md#admin-change",
    owner: "protocol",
  },
  params: z
    .object({
      governors: z.array(z.string().regex(/^0x[0-9a-f]{40}$/)),
      ordinary: z.enum(["low", "medium", "high"]),
    })
    .strict(),
  defaults: { governors: [], ordinary: "high" },
  detect(context) {
    const named = new Set<Address>([...context.watched, ...(context.params.governors as Address[])]);
    const beacons = beaconsOf(context, named);
    const concerned = new Set<Address>([...named, ...beacons.keys()]);
    const explained = new Set<string>();
    const touched = new Map<Address, TxView[]>();
    for (const view of context.txs) {
      for (const address of touchedBy(view, context.watched))
        touched.set(address, [...(touched.get(address) ?? []), view]);
    }
    const told = context.txs
      .map((view) => [view, findAdminEvents(view, concerned)] as const)
      .filter(([, events]) => events.length > 0);
    const born = bornHere(context, told);
    for (const [view, events] of told) judgeEvents(context, view, events, explained, born, beacons);
    if (context.block.has.includes("S") && touched.size > 0) judgeSlots(context, touched, explained);
  },
};

type Context = DetectContext<AdminChangeParams>;

/**
 * The beacon of each protected beacon proxy, with the proxy. Asked for only when some other contract of the block tells
 * of a change of control, and remembered with the slots: a beacon changes in its proxy, which is a touch.
 */
function beaconsOf(context: Context, named: ReadonlySet<Address>): Map<Address, Address> {
  const { block, memory, watched } = context;
  const isTold = context.txs.some(({ logs }) => logs.some((l) => isAdminLog(l) && !named.has(l.address)));
  if (!isTold || !block.has.includes("S")) return new Map();
  const unknown = [...watched].filter((address) => memory.get(`beacon:${address}`) === undefined);
  const slot = slots.find(([name]) => name === "beacon")![1];
  const answers = context.readAll(unknown.map((address) => ({ kind: "slot", at: "parent", address, slot })));
  unknown.forEach((address, i) => {
    const answer = answers[i];
    if (answer?.ok === true) memory.set(`beacon:${address}`, answer.value);
  });
  return new Map(
    [...watched].flatMap((proxy): [Address, Address][] => {
      const word = memory.get(`beacon:${proxy}`) as Hex | undefined;
      const beacon = word === undefined ? zeroAddress : addressOfWord(word);
      return beacon === zeroAddress ? [] : [[beacon, proxy]];
    }),
  );
}

const slotOfEvent: Readonly<Record<string, string>> = {
  "Upgraded(address)": "implementation",
  "AdminChanged(address,address)": "admin",
  "BeaconUpgraded(address)": "beacon",
};

function judgeEvents(
  context: Context,
  view: TxView,
  events: readonly AdminEvent[],
  explained: Set<string>,
  born: ReadonlySet<string>,
  beacons: ReadonlyMap<Address, Address>,
): void {
  for (const address of new Set(events.map((e) => e.address))) {
    const own = events.filter((e) => e.address === address);
    for (const e of own) explained.add(`${address}|${slotOfEvent[e.signature] ?? ""}`);
    // A contract that comes into being in this very transaction is set up, not taken over.
    if (born.has(address)) continue;
    const severity = severityOf(context, own);
    if (severity === undefined) continue;
    const names = [...new Set(own.map((e) => e.signature))];
    context.finding({
      severity,
      subject: context.watched.has(address) ? address : (beacons.get(address) ?? [...context.watched][0] ?? address),
      reason: `Control of ${address} changed: ${names.join(", ")}.`,
      txHash: view.tx.hash,
      logIndex: own[0]!.logIndex,
      addresses: [address, view.tx.from],
      key: [view.tx.hash, address],
      score: { info: 0, low: 0.25, medium: 0.5, high: 0.75, critical: 1 }[severity],
      evidence: {
        events: own.map((e) => ({ signature: e.signature, topics: e.topics, data: e.data, logIndex: e.logIndex })),
      },
    });
  }
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

const takesControl = [
  "Upgraded(address)",
  "AdminChanged(address,address)",
  "BeaconUpgraded(address)",
  "OwnershipTransferred(address,address)",
  "DiamondCut((address,uint8,bytes4[])[],address,bytes)",
];
const grave = [
  "EnabledModule(address)",
  "ChangedGuard(address)",
  "ChangedModuleGuard(address)",
  "ChangedThreshold(uint256)",
  "ChangedMasterCopy(address)",
];

function severityOf(context: Context, events: readonly AdminEvent[]): Severity | undefined {
  const first = events.findIndex((e) => e.signature.startsWith("Initialized"));
  if (first >= 0) {
    const upgradedBefore = events.slice(0, first).some((e) => e.signature === "Upgraded(address)");
    // An initialiser sets its owner before it says Initialized, so every change of owner beside it counts.
    const takenOver = events.some(
      (e, i) => takesControl.includes(e.signature) && (i > first || e.signature.startsWith("Ownership")),
    );
    if (!upgradedBefore) return takenOver ? "critical" : "high";
  }
  const counted = events.filter((e) => !isLengthened(e));
  if (counted.length === 0) return undefined;
  if (counted.some((e) => grave.includes(e.signature) || e.signature.startsWith("MinDelay"))) return "high";
  return context.params.ordinary;
}

/** A timelock whose delay grows tightens; that needs no alarm. */
function isLengthened(event: AdminEvent): boolean {
  if (!event.signature.startsWith("MinDelayChange")) return false;
  const [before, after] = [wordAt(event.data as Hex, 0), wordAt(event.data as Hex, 1)];
  return before !== undefined && after !== undefined && after >= before;
}

function judgeSlots(
  context: Context,
  touched: ReadonlyMap<Address, readonly TxView[]>,
  explained: ReadonlySet<string>,
): void {
  const { memory } = context;
  const asked = [...touched.keys()].flatMap((address) => slots.map(([name, slot]) => ({ address, name, slot })));
  // What stood there last is remembered, so that a block costs one read a slot, and a change in a block that we could
  // not connect with the address is found at its next touch.
  const unknown = asked.filter(({ address, name }) => memory.get(`${name}:${address}`) === undefined);
  const answers = context.readAll([
    ...asked.map(({ address, slot }) => ({ kind: "slot" as const, at: "block" as const, address, slot })),
    ...unknown.map(({ address, slot }) => ({ kind: "slot" as const, at: "parent" as const, address, slot })),
  ]);
  const wordOf = (i: number) => {
    const answer = answers[i];
    return answer?.ok === true ? answer.value : undefined;
  };
  asked.forEach((one, i) => {
    const { address, name } = one;
    const key = `${name}:${address}`;
    const after = wordOf(i);
    const before = (memory.get(key) as Hex | undefined) ?? wordOf(asked.length + unknown.indexOf(one));
    if (after !== undefined && after !== memory.get(key)) memory.set(key, after);
    if (before === undefined || after === undefined || before === after || explained.has(`${address}|${name}`)) return;
    // From nothing to something is a proxy being built, unless it had code already; both deserve a look.
    const views = touched.get(address)!;
    const only = views.length === 1 ? views[0] : undefined;
    context.finding({
      severity: "high",
      subject: address,
      reason: `The ${name} of ${address} changed and no event told of it.`,
      ...(only === undefined ? {} : { txHash: only.tx.hash }),
      addresses: views.map((v) => v.tx.from).slice(0, 16),
      key: [name, after],
      score: 1,
      evidence: { slot: name, before, after, txs: views.map((v) => v.tx.hash).slice(0, 64) },
    });
  });
}
