// What becomes of threats of the last ranking that this search did not find: a shorter search is no reason to forget them. Each is
// played again on the state of today.
import { readdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Objective } from "@testudo/core/risk/attack/Threat";
import { openReplay, type Replayed } from "@testudo/lab/raid/openReplay";
import { readCapsuleFile } from "../capsule/readCapsuleFile.ts";
import { chanceOfAll } from "./powerTerms.ts";
import type { KnownThreat, Ranking, Seen } from "./rankingFile.ts";
import type { Ordered } from "./readScenario.ts";

/** A threat that stays in the ranking without having been found. */
export interface KeptThreat {
  readonly objective: Objective;
  readonly seen: Seen | undefined;
  /** Whether its plan was played again, and still works; or why that was not tried. */
  readonly again: "works" | "not played";
  readonly why: string | null;
}

export interface KnownThreats {
  readonly kept: readonly KeptThreat[];
  /** Why each of the others left the ranking, by id. */
  readonly ended: ReadonlyMap<string, string>;
}

/** The threats of `last` but those in `found`, by id. */
export async function keepKnown(ordered: Ordered, last: Ranking, found: ReadonlySet<string>): Promise<KnownThreats> {
  const kept: KeptThreat[] = [];
  const ended = new Map<string, string>();
  const known = last.threats.filter(({ id }) => !found.has(id));
  if (known.length === 0) return { kept, ended };
  // Of a node's state the capsule has nothing to play on.
  const replay = ordered.source === undefined ? await openReplay(ordered.capsule, ordered.scenario) : undefined;
  for (const threat of known) {
    const { seen } = threat;
    try {
      if (seen === undefined && threat.gain <= threat.cost)
        throw new NotReplayed("An older ranking does not say what it breaks.");
      if (replay === undefined) throw new NotReplayed("On a node's state it is not played again.");
      const replayed = replay(await readCapsuleFile(newestOf(dirname(last.path), threat.id)));
      const why = whyEnded(replayed, threat, ordered);
      if (!replayed.ok || why !== null) ended.set(threat.id, why!);
      else kept.push({ objective: asItIs(threat, replayed, ordered), seen, again: "works", why: null });
    } catch (error) {
      // What cannot be tried is not forgotten, and is no reason to lose what was found.
      const [why] = (error instanceof Error ? error.message : String(error)).split("\n");
      kept.push({ objective: asItWas(threat), seen, again: "not played", why: why! });
    }
  }
  return { kept, ended };
}

const suffix = ".capsule.json.gz";

/** The newest capsule of a find. Throws `NotReplayed`. */
function newestOf(folder: string, id: string): string {
  const names = readdirSync(folder).filter((name) => name.startsWith(`${id}-`));
  const readable = names.filter((name) => name.endsWith(suffix)).map((name) => join(folder, name));
  const [newest] = readable.toSorted((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs);
  const isSealed = names.some((name) => name.endsWith(`${suffix}.age`));
  if (newest === undefined) throw new NotReplayed(`Its capsule is ${isSealed ? "encrypted" : "not there"}.`);
  return newest;
}

function whyEnded(replayed: Replayed, { seen }: KnownThreat, { leastWad }: Ordered): string | null {
  if (!replayed.ok) return replayed.why;
  const figure = seen?.figure ?? null;
  if (figure !== null) return replayed.broken.includes(figure) ? null : `Played again it does not break "${figure}".`;
  return replayed.gainWad >= leastWad ? null : "Played again it gains nothing.";
}

const numberOf = (wad: bigint): number => Number(wad / 10n ** 12n) / 1e6;

function asItWas({ id, cost, gain, chance, defence }: KnownThreat): Objective {
  return { id, cost, gain, chance, defences: defence === undefined ? [] : [defence] };
}

/** At the prices of today. The defence is the one that was found with it. */
function asItIs(
  threat: KnownThreat,
  { gainWad, costWad, powers }: Extract<Replayed, { ok: true }>,
  { chances }: Ordered,
): Objective {
  const cost = numberOf(costWad);
  return {
    ...asItWas(threat),
    cost,
    gain: Math.max(0, numberOf(gainWad) + cost),
    chance: chanceOfAll(powers, chances),
  };
}

/** A find of another day cannot be played again. */
class NotReplayed extends Error {
  override readonly name = "NotReplayed";
}
