// Edited detectors and rules are taken over while the watch runs: checked as at a start, loaded beside the running ones, and
// switched between two blocks by an input that is stored like any other. What cannot be used is told, and changes nothing; an edit
// that would end this process or hold it is tried in another one first.
import { canonicalJson } from "@testudo/core/model/canonicalJson";
import type { Hex } from "@testudo/core/model/Hex";
import type { Input } from "@testudo/core/model/Input";
import { changesOf, namesOf } from "@testudo/core/pipeline/changeRules";
import type { Settings } from "../config/Config.ts";
import { ConfigError } from "../config/ConfigError.ts";
import { defaultCompositeOf, defaultQuorum } from "../config/derivedSettings.ts";
import { programOf } from "../config/programOf.ts";
import { readPeople } from "../config/readToken.ts";
import type { ProgramSource } from "../jobs/step/programSource.ts";
import type { Stepper } from "../jobs/step/stepper.ts";
import { hasFrameLogs } from "./frameLogsOf.ts";
import { readEdited } from "./readEdited.ts";
import { scopesOf } from "./scopesOf.ts";

/** What became of an edit. */
export type Reloaded =
  | { readonly state: "applied"; readonly changes: string; readonly detectors: readonly string[] }
  | { readonly state: "unchanged" }
  | { readonly state: "refused"; readonly reason: string };

export interface ReloadOptions {
  /** What the running watch was started with. */
  readonly settings: Settings;
  readonly chainId: number;
  readonly stepper: Stepper;
  /** Whether the watch has caught up with the chain. */
  readonly isLive: () => boolean;
  /** Gives an input to the pipeline; true once what follows from it is stored. */
  readonly deliver: (input: Input) => Promise<boolean>;
}

/** Reads the files again and takes over what they say. Orders are followed one after the other. */
export type Reload = (actor: string) => Promise<Reloaded>;

export function openReload({ settings: first, chainId, stepper, isLive, deliver }: ReloadOptions): {
  readonly reload: Reload;
  /** The files that the running detectors were read from. */
  readonly files: () => readonly string[];
} {
  let running = first;
  // Somebody whose token is changed in its place believes that the old one is worth nothing.
  const tokens = canonicalJson(readPeople(first.people));
  let last: Promise<unknown> = Promise.resolve();

  const attempt = async (actor: string): Promise<Reloaded> => {
    const { loadConfig } = await import("../config/loadConfig.ts");
    // The very texts that came to their end: the files may be edited once more meanwhile.
    const next = await loadConfig(first.file, await readEdited(first.file));
    const fixed = [...fixedThatChanged(running, next)];
    if (fixed.length === 0 && canonicalJson(readPeople(next.people)) !== tokens) fixed.push("people");
    if (fixed.length > 0) return refused(`${listed(fixed)} changed; that is taken over at a start only.`);
    const have = scopesOf(programOf(first, chainId));
    const lacking = scopesOf(programOf(next, chainId)).filter((scope) => !have.includes(scope));
    if (lacking.length > 0)
      return refused(`A detector needs scope ${lacking.join(", ")} of blocks, which this watch does not fetch.`);
    if (!isLive() && !hasFrameLogs(programOf(first, chainId), programOf(next, chainId)))
      return refused(
        "A detector may look for logs inside call frames, which the past blocks at work were fetched without.",
      );
    const source: ProgramSource = { kind: "config", path: first.file, chainId, accepted: next.sources };
    const before = stepper.loaded().fingerprints;
    const { fingerprints, detectors } = await stepper.prepare(source);
    const changes = changesOf(before, fingerprints);
    if (Object.values(changes).every((list) => list.length === 0)) return { state: "unchanged" };
    const isStored = await deliver({ kind: "rules", actor, detectors: fingerprints });
    if (!isStored) return refused("The watch ends; the next start reads the files anew.");
    running = next;
    return { state: "applied", changes: namesOf(changes), detectors };
  };

  const reload: Reload = (actor) => {
    const mine = last.then(() => attempt(actor)).catch((error: unknown) => refusedBy(error));
    last = mine;
    return mine;
  };
  return { reload, files: () => running.sources.map(({ file }) => file) };
}

function refused(what: string): Reloaded {
  return {
    state: "refused",
    reason: `${what}\n- The detectors of before go on.\n- Undo that part of the edit, or stop the watch and start it again.`,
  };
}

function refusedBy(error: unknown): Reloaded {
  const text = error instanceof Error ? error.message : String(error);
  const what = error instanceof ConfigError ? text : `The edit could not be loaded: ${text}`;
  return { state: "refused", reason: `${what}\n- The detectors of before go on until this is corrected.` };
}

// Detectors are functions; what tells them apart is looked at by the detection thread. Playbooks are, too: they go by name and version.
function fixedThatChanged(before: Settings, after: Settings): readonly string[] {
  const { detectors: _, ruleDetectors: __, sources: ___, playbooks, ...fixed } = before;
  const named = (all: Settings["playbooks"]) => all.map(({ id, version }) => `${id} ${version}`).join();
  const changed: string[] = (Object.keys(fixed) as (keyof typeof fixed)[]).filter(
    (key) => canonicalJson(before[key] ?? null) !== canonicalJson(after[key] ?? null),
  );
  const own = changed.filter((key) => !isDerived(key, before, after));
  return named(playbooks) === named(after.playbooks) ? own : [...own, "playbooks"];
}

// What follows from another setting is not what the file changed; nobody finds it there.
function isDerived(key: string, before: Settings, after: Settings): boolean {
  const both = (holds: (settings: Settings) => boolean) => holds(before) && holds(after);
  if (key === "quorum") return both(({ rpc, quorum }) => quorum === defaultQuorum(rpc));
  const isDefault = ({ calibration, composite }: Settings) =>
    canonicalJson(composite ?? null) === canonicalJson(defaultCompositeOf(calibration) ?? null);
  return key === "composite" && both(isDefault);
}

function listed(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(", ");
}

/** The input that writes down which detectors a watch begins with; undefined where the store knows them already. */
export function rulesAtStart(
  stored: { readonly [id: string]: Hex } | undefined,
  fingerprints: { readonly [id: string]: Hex },
): Input | undefined {
  const changes = changesOf(stored ?? {}, fingerprints);
  const isSame = stored !== undefined && Object.values(changes).every((list) => list.length === 0);
  return isSame ? undefined : { kind: "rules", actor: "start", detectors: fingerprints };
}
