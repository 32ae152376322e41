// What becomes of plans that were found: each is run again on another engine, written down, and reported.
import { join } from "node:path";
import { compareThreats } from "@testudo/core/risk/attack/compareThreats";
import { rankThreats } from "@testudo/core/risk/attack/rankThreats";
import type { Chance, Defence, Threat } from "@testudo/core/risk/attack/Threat";
import { tryDefences } from "@testudo/lab/patch/tryDefences";
import { NotWritable } from "@testudo/lab/raid/NotWritable";
import { writeFoundryTest } from "@testudo/lab/raid/writeFoundryTest";
import type { Capsule } from "@testudo/lab/record/Capsule";
import { parseCapsule } from "@testudo/lab/record/parseCapsule";
import type { Raided } from "../jobs/search/raidAll.ts";
import type { CarriedPlan } from "../jobs/search/raidWorker.ts";
import { replaceFile } from "../operator/writeFile.ts";
import { keepFinding } from "../report/keepFinding.ts";
import { submitReport } from "../report/submitReport.ts";
import { confirmFind } from "./confirmFind.ts";
import { type KnownThreats, keepKnown } from "./keepKnown.ts";
import { chanceOfAll } from "./powerTerms.ts";
import type { FoundPlan, RaidFinding, RaidReport, RankedThreat, RankingDifference } from "./RaidReport.ts";
import { type KnownThreat, type Ranking, type Seen, writeRanking } from "./rankingFile.ts";
import type { Ordered } from "./readScenario.ts";
import { tellFind } from "./tellFind.ts";

/** Where findings go. */
export interface Keeping {
  readonly dataDir: string;
  /** The guardians' age public keys. */
  readonly recipients: readonly string[];
  /** A folder for files that are not encrypted, in place of the data folder. */
  readonly out?: string;
  /** Whether a watch is told. */
  readonly submits: boolean;
  /** Where the ranking is kept, and the one before it. */
  readonly ranking: { readonly path: string; readonly scenario: string; readonly last?: Ranking };
}

/** One after the other: each takes a node of its own. */
export async function keepFinds(
  ordered: Ordered,
  { calls, seconds, finds, lost }: Raided,
  keeping: Keeping,
): Promise<RaidReport> {
  const kept: Kept[] = [];
  const book: Book = { unkept: null };
  for (const find of finds) kept.push(await keepOne(ordered, find, keeping, book));
  const objectives = kept.map(({ finding: { id, gain, cost }, chance, defences }) => ({
    id,
    cost,
    // A broken figure may leave him with less.
    gain: Math.max(0, gain + cost),
    chance,
    defences,
  }));
  const { path, scenario, last } = keeping.ranking;
  const known =
    last === undefined ? noneKnown : await keepKnown(ordered, last, new Set(objectives.map(({ id }) => id)));
  const ranked = rankThreats([...objectives, ...known.kept.map(({ objective }) => objective)]);
  const findings = kept.map(({ finding }) => finding);
  const at = new Date().toISOString();
  const seenOf = (id: string): Seen | undefined => {
    const found = findings.find((finding) => finding.id === id);
    return found === undefined
      ? known.kept.find(({ objective }) => objective.id === id)?.seen
      : { at, calls, figure: found.figure };
  };
  const threats = ranked.map((threat) => withSeen(threat, seenOf(threat.id)));
  await orUnkept(book, async () => writeRanking({ path, scenario, threats }));
  return {
    ...{ calls, callsPerSecond: Math.round(calls / seconds), findings },
    ...{ lost: lost?.message ?? null, unkept: book.unkept },
    threats: ranked.map((threat) => told(threat, known)),
    difference: last === undefined ? null : differenceOf(last, ranked, known),
  };
}

const noneKnown: KnownThreats = { kept: [], ended: new Map() };

const withSeen = (threat: Threat, seen: Seen | undefined): KnownThreat =>
  seen === undefined ? threat : { ...threat, seen };

function differenceOf({ threats }: Ranking, ranked: readonly Threat[], { ended }: KnownThreats): RankingDifference {
  const { gone, ...rest } = compareThreats(
    threats.map(({ seen: _, ...threat }) => threat),
    ranked,
  );
  return { ...rest, gone: gone.map((threat) => ({ ...threat, why: ended.get(threat.id)! })) };
}

function told(threat: Threat, { kept }: KnownThreats): RankedThreat {
  const known = kept.find(({ objective }) => objective.id === threat.id);
  if (known === undefined) return threat;
  const { seen, again, why } = known;
  return { ...threat, notFoundThisTime: { lastSeen: seen?.at ?? null, calls: seen?.calls ?? null, again, why } };
}

interface Kept {
  readonly finding: RaidFinding;
  readonly chance: Chance;
  readonly defences: readonly Defence[];
}

/** What went wrong first where something could not be written: what was found is told all the same. */
interface Book {
  unkept: string | null;
}

async function orUnkept<T>(book: Book, write: () => Promise<T>): Promise<T | null> {
  try {
    return await write();
  } catch (error) {
    if (!(error instanceof Error && "syscall" in error)) throw error;
    book.unkept ??= `${error.message.split("\n")[0]!.replace(/\.$/, "")}.`;
    return null;
  }
}

async function keepOne(ordered: Ordered, find: CarriedPlan, keeping: Keeping, book: Book): Promise<Kept> {
  const { bytes, accounts, powers, bold: _, functions: __, ...plan } = find;
  const capsule = await parseCapsule(bytes, "finding");
  const confirmed = await confirmFind(ordered.scenario, find, capsule);
  const defences = await defencesOf(ordered, find, capsule);
  const { assets } = ordered.scenario;
  const gainWad = BigInt(find.gainWad) + BigInt(find.costWad);
  const test = foundryTestOf({ capsule, name: `Finding_${find.id}`, title: find.title, assets, accounts, gainWad });
  // The same calls with other amounts are another file.
  const name = `${find.id}-${find.capsule.slice(2, 10)}`;
  const files = await orUnkept(book, async () => ({
    capsule: await write(keeping, `${name}.capsule.json.gz`, bytes),
    foundryTest: test === null ? null : await write(keeping, `${name}.t.sol`, test),
    report: await write(keeping, `${name}.md`, tellFind(plan, confirmed, defences, ordered.unit)),
  }));
  const attachment = files?.report ?? "not written";
  const submitted = keeping.submits
    ? await orUnkept(book, () => submit(ordered, plan, confirmed, attachment, keeping))
    : null;
  const chance = chanceOfAll(powers, ordered.chances);
  return { finding: { ...plan, confirmed, files, submitted }, chance, defences };
}

/** Whoever attacks pays others as before, whatever is left of it. */
async function defencesOf({ scenario }: Ordered, find: CarriedPlan, capsule: Capsule): Promise<readonly Defence[]> {
  const figure = scenario.figures.find(({ name }) => name === find.figure);
  const { accounts, bold, functions, cost } = find;
  const gainWad = BigInt(find.gainWad) + BigInt(find.costWad);
  const plan = { capsule, bold, scenario, accounts, gainWad, functions, ...(figure === undefined ? {} : { figure }) };
  const tried = await tryDefences(plan, () => performance.now());
  return tried.map(({ name, gainWad: left }) => ({ name, cost, gain: Number(left / 10n ** 12n) / 1e6 }));
}

/** Null for what Foundry has no way to say. */
function foundryTestOf(find: Parameters<typeof writeFoundryTest>[0]): string | null {
  try {
    return writeFoundryTest(find);
  } catch (error) {
    if (error instanceof NotWritable) return null;
    throw error;
  }
}

async function write({ dataDir, recipients, out }: Keeping, name: string, bytes: Uint8Array | string): Promise<string> {
  if (out === undefined) return (await keepFinding(dataDir, name, bytes, recipients)).file;
  replaceFile(join(out, name), bytes);
  return join(out, name);
}

async function submit(
  { capsule: { chainId, block }, victim, unit }: Ordered,
  plan: FoundPlan,
  { engine, ok }: RaidFinding["confirmed"],
  attachment: string,
  { dataDir, recipients }: Keeping,
): Promise<RaidFinding["submitted"]> {
  const zero = `0x${"0".repeat(64)}` as const;
  const { state, where } = await submitReport(
    { dataDir, recipients },
    {
      chainId,
      subject: victim,
      title:
        plan.figure === null
          ? `A search found a way to take ${Math.floor(plan.gain)} ${unit}.`
          : `A search found a way to break "${plan.figure}".`,
      objective: plan.objective,
      gainWad: BigInt(plan.gainWad),
      costWad: BigInt(plan.costWad),
      unit,
      capsule: plan.capsule,
      engine: { name: engine, ok },
      forkBlock: { number: block.number, hash: block.hash ?? zero },
      attachment: `${attachment}\n${plan.moves.join("\n")}\n`,
    },
  );
  return { state, where };
}
