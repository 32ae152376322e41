// Keeps which findings of the last 7 days can belong together, and raises, changes and takes back what they say as a whole.
import {
  type CompositeEdge,
  type CompositeMember,
  compositeMeta,
  detectComposite,
} from "../detectors/detectComposite.ts";
import { publicInfrastructure } from "../model/ActorCluster.ts";
import type { BlockBundle, BlockRef } from "../model/BlockBundle.ts";
import type { DetectorMeta, DetectorUse } from "../model/Detector.ts";
import type { Finding } from "../model/Finding.ts";
import type { Address, Hex } from "../model/Hex.ts";
import type { Memory } from "../model/Memory.ts";
import { stageOf } from "../model/Stage.ts";
import { hasTies, isHub, reach, tieSeconds } from "./actorGraph.ts";
import { type CompositeCase, type MemberCase, readCase, writeCase } from "./Case.ts";
import type { Ledger } from "./Ledger.ts";
import { moveFinding } from "./moveFinding.ts";
import { raise } from "./raise.ts";

const compositeUse: DetectorUse = { meta: compositeMeta, detect: () => undefined, settings: {} };
const mostMembers = 512;

/** Where composites are judged. */
interface Scene {
  readonly ledger: Ledger;
  /** The ties as they stand at `ref`. */
  readonly ties: Memory;
  readonly ref: BlockRef;
  readonly phase: "history" | "live";
}

/** A finding that was raised in the block, and by which detector. */
export interface Raised {
  readonly finding: Finding;
  readonly meta: DetectorMeta;
}

/** Takes the block's new findings and returns the composites that are new or graver for them. */
export function composeBlock(scene: Scene, raised: readonly Raised[], bundle: BlockBundle): readonly Finding[] {
  const fresh = raised.flatMap(({ finding, meta }) => memberOf(scene, finding, meta, bundle) ?? []);
  if (fresh.length === 0) return [];
  const keys = new Set(fresh.map(({ dedupKey }) => dedupKey));
  const kept = standing(scene).filter(({ dedupKey }) => !keys.has(dedupKey));
  const members = [...kept, ...fresh].slice(-mostMembers);
  writeCase(scene.ledger.cases, "members", "", members);
  return composeAll(scene, members, fresh);
}

/** Takes out what was retracted, and judges anew what it was a part of, or what ties that are gone held together (COMP-04). */
export function reviewComposites(scene: Omit<Scene, "phase">): readonly Finding[] {
  const { ledger } = scene;
  const composites = compositesIn(ledger);
  if (composites.length === 0 && membersIn(ledger).length === 0) return [];
  const rest = standing({ ...scene, phase: "live" });
  writeCase(ledger.cases, "members", "", rest);
  const raised: Finding[] = [];
  for (const composite of composites) {
    const item = readCase(ledger.cases, "finding", composite.dedupKey);
    if (item === undefined) continue;
    const left = rest.filter(({ finding }) => composite.members.includes(finding));
    if (item.chain !== "retracted" && isWhole({ ...scene, phase: "live" }, rest, left, composite)) continue;
    if (item.chain !== "retracted")
      moveFinding(ledger, item, "retracted", {
        chain: "retracted",
        work: item.work === "acknowledged" ? "acknowledged" : "resolved",
        resolution: "retracted",
      });
    setComposites(
      ledger,
      compositesIn(ledger).filter(({ dedupKey }) => dedupKey !== composite.dedupKey),
    );
    raised.push(...composeAll({ ...scene, phase: item.finding.phase }, rest, left));
  }
  return raised;
}

/** Whether all members of a composite are still there and still belong together. */
function isWhole(
  scene: Scene,
  members: readonly MemberCase[],
  left: readonly MemberCase[],
  composite: CompositeCase,
): boolean {
  const [first] = left;
  if (first === undefined || left.length < composite.members.length) return false;
  const tied = new Set(gather(scene, members, first).members);
  return left.every((member) => tied.has(member));
}

function memberOf(
  { ledger, ties }: Scene,
  finding: Finding,
  meta: DetectorMeta,
  bundle: BlockBundle,
): MemberCase | undefined {
  if (finding.pValue === undefined || finding.class === "health") return undefined;
  const watched = new Set<Address>(ledger.program.watched);
  const tx = bundle.txs.find(({ hash }) => hash === finding.txHash);
  // A token or pool that a finding names is no actor; what was seen to be paid or deployed may be one.
  const named = finding.addresses.filter((address) => hasTies(ties, address));
  const all = [tx?.from, tx?.to ?? undefined, ...named].filter((address) => address !== undefined);
  const seeds = [...new Set(all)].filter(
    (address) => !watched.has(address) && !publicInfrastructure.has(address) && !isHub(ties, address),
  );
  if (seeds.length === 0) return undefined;
  return {
    finding: finding.id,
    dedupKey: finding.dedupKey,
    detector: finding.detector,
    stage: stageOf(meta),
    pValue: finding.pValue,
    root: finding.txHash ?? finding.dedupKey,
    subject: finding.subject,
    timestamp: finding.timestamp,
    seeds,
  };
}

/** Members of the last 7 days that nobody and no reorg took back. */
function standing({ ledger, ref }: Scene): readonly MemberCase[] {
  return membersIn(ledger).filter(({ dedupKey, timestamp }) => {
    const item = readCase(ledger.cases, "finding", dedupKey);
    return (
      item !== undefined &&
      ref.timestamp - timestamp <= tieSeconds &&
      item.work !== "resolved" &&
      (item.chain === "pending" || item.chain === "confirmed")
    );
  });
}

function composeAll(scene: Scene, members: readonly MemberCase[], from: readonly MemberCase[]): readonly Finding[] {
  const raised: Finding[] = [];
  const done = new Set<Hex>();
  for (const seed of from) {
    if (done.has(seed.finding)) continue;
    const cluster = gather(scene, members, seed);
    for (const { finding } of cluster.members) done.add(finding);
    const finding = composeOne(scene, cluster);
    if (finding !== undefined) raised.push(finding);
  }
  return raised;
}

interface Gathered {
  readonly members: readonly MemberCase[];
  readonly addresses: readonly Address[];
  readonly edges: readonly CompositeEdge[];
}

/** All members whose actors ties lead to from those of `seed`, or from those of one that was so found. */
function gather({ ties, ref }: Scene, members: readonly MemberCase[], seed: MemberCase): Gathered {
  const group = new Set<MemberCase>([seed]);
  for (;;) {
    const seeds = [...group].flatMap((member) => member.seeds);
    const reached = reach(ties, seeds, ref.timestamp);
    const joined = members.filter(
      (member) => !group.has(member) && member.seeds.some((address) => reached.has(address)),
    );
    for (const member of joined) group.add(member);
    if (joined.length > 0) continue;
    const own = [...new Set(seeds)];
    return {
      members: members.filter((member) => group.has(member)),
      addresses: own,
      edges: edgesBetween(ties, seed, own, ref.timestamp),
    };
  }
}

/** The ties on the ways from the first member's actors to all others of the cluster. */
function edgesBetween(
  ties: Memory,
  { seeds }: MemberCase,
  own: readonly Address[],
  now: bigint,
): readonly CompositeEdge[] {
  const reached = reach(ties, seeds, now);
  const edges = new Set<CompositeEdge>();
  for (const address of own)
    for (let at = address, edge = reached.get(at); edge != null; edge = reached.get(at)) {
      edges.add(edge);
      at = edge.from === at ? edge.to : edge.from;
    }
  return [...edges];
}

function composeOne(scene: Scene, { members, addresses, edges }: Gathered): Finding | undefined {
  const { ledger, ref, phase } = scene;
  const { composite: rule, calibration } = ledger.program;
  const [first] = members;
  if (rule === undefined || first === undefined) return undefined;
  const rho = (a: string, b: string) =>
    a === b ? 1 : calibration?.correlations.find(([x, y]) => (x === a && y === b) || (x === b && y === a))?.[2];
  const shown = members.map(({ dedupKey: _, seeds: __, ...member }): CompositeMember => member);
  const draft = detectComposite({ key: first.dedupKey, members: shown, edges, addresses }, rule, rho);
  if (draft === undefined) return undefined;
  const ids = members.map(({ finding }) => finding);
  const before = compositesIn(ledger).find(({ members: known }) => ids.every((id) => known.includes(id)));
  // The same findings say the same again.
  if (before !== undefined && before.severity === draft.severity) return undefined;
  const finding = raise(ledger, { use: compositeUse, draft, ref, phase });
  if (finding === undefined) return undefined;
  const others = compositesIn(ledger).filter(({ dedupKey }) => dedupKey !== finding.dedupKey);
  const { dedupKey, severity } = finding;
  setComposites(ledger, [...others, { dedupKey, severity, members: ids }].slice(-mostMembers));
  return finding;
}

function membersIn(ledger: Ledger): readonly MemberCase[] {
  return readCase(ledger.cases, "members", "") ?? [];
}

function compositesIn(ledger: Ledger): readonly CompositeCase[] {
  return readCase(ledger.cases, "composites", "") ?? [];
}

function setComposites(ledger: Ledger, composites: readonly CompositeCase[]): void {
  writeCase(ledger.cases, "composites", "", composites);
}
