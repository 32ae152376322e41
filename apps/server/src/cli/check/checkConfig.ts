// Reads a configuration and everything that it names, and gathers what is wrong instead of stopping at the first. No node is
// asked and nothing is started. The last word has `loadConfig`: what passes here a watch takes.
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { countOf } from "@testudo/core/model/countOf";
import type { DetectorUse } from "@testudo/core/model/Detector";
import type { Settings } from "../../config/Config.ts";
import { ConfigError, type Mistake, mistakeOfError } from "../../config/ConfigError.ts";
import { configSchema } from "../../config/configSchema.ts";
import { ConfigMissing, evaluateConfig, mistakesOfThrown } from "../../config/evaluateConfig.ts";
import { explainIssues } from "../../config/explainIssue.ts";
import { loadConfig } from "../../config/loadConfig.ts";
import { parseSource, placeOfValue, type Source } from "../../config/locate.ts";
import { type NotedFaults, noteFaults } from "../../config/noteFaults.ts";
import { programOf } from "../../config/programOf.ts";
import type { CheckedPart } from "./CheckedPart.ts";
import { checkCalibration } from "./checkCalibration.ts";
import { checkChannels } from "./checkChannels.ts";
import { checkDataDir } from "./checkDataDir.ts";
import { checkDeployment } from "./checkDeployment.ts";
import { checkDetectors } from "./checkDetectors.ts";
import { checkPolicy } from "./checkPolicy.ts";
import { checkRules } from "./checkRules.ts";
import { checkSender } from "./checkSender.ts";
import type { Written } from "./Written.ts";

/** The parts of the configuration at `path`, with their faults. Throws ConfigMissing. `now` in Unix seconds. */
export async function checkConfig(path: string, now: bigint): Promise<readonly CheckedPart[]> {
  const noted = noteFaults();
  try {
    const { file, source, config } = await evaluateConfig(path, noted.replaced);
    const checkedOf: Written["checkedOf"] = (key) => {
      const schema: { safeParse(value: unknown): { success: boolean; data?: unknown } } = configSchema.shape[key];
      const checked = schema.safeParse((config as unknown as Record<string, unknown>)[key]);
      return checked.data as never;
    };
    const written: Written = { file, source, config, checkedOf, isStandIn: noted.isStandIn };
    const parts = withFaults(await partsOf(written, now), faultsIn(written, noted));
    if (parts.some(({ faults }) => faults.length > 0)) return parts;
    const { faults, notes } = await loadWhole(path);
    return withNotes(withFaults(parts, faults), notes);
  } catch (error) {
    if (!(error instanceof ConfigError) || error instanceof ConfigMissing) throw error;
    const earlier = noted.faults.length === 0 ? [] : thrownFaults(sourceAt(path), resolve(path), noted);
    return withFaults([{ part: "configuration", text: "", faults: error.mistakes }], earlier);
  }
}

async function partsOf(written: Written, now: bigint): Promise<readonly CheckedPart[]> {
  const detectors = checkDetectors(written);
  return [
    { part: "configuration", text: scopeOf(written), faults: [] },
    detectors.part,
    ...checkRules(written, detectors.uses),
    ...checkPolicy(written, now),
    ...checkChannels(written),
    ...checkCalibration(written),
    ...(await checkDeployment(written)),
    ...(await checkSender(written)),
    ...checkDataDir(written),
  ];
}

function scopeOf({ checkedOf }: Written): string {
  const [nodes, contracts] = [checkedOf("rpc")?.length ?? 0, checkedOf("protect")?.length ?? 0];
  const remotes = checkedOf("remotes")?.length ?? 0;
  const others = remotes === 0 ? "" : `, ${countOf(remotes, "other chain")}`;
  return `${countOf(nodes, "node")}, ${countOf(contracts, "protected contract")}${others}`;
}

/** A fault and the part that it belongs to. */
interface Placed {
  readonly part: string;
  readonly fault: Mistake;
}

const partOfKey: Readonly<Record<string, string>> = {
  detectors: "detectors",
  rules: "rules",
  policy: "policy",
  playbooks: "playbooks",
  channels: "channels",
  escalations: "channels",
  calibration: "calibration",
  applyCalibration: "calibration",
  composite: "calibration",
  deployment: "deployment",
  sender: "sender",
};

/** What the file's own calls refused, and what the schema does. */
function faultsIn({ file, source, config }: Written, noted: NotedFaults): readonly Placed[] {
  const { issues } = configSchema.safeParse(config).error ?? { issues: [] };
  const placeOf = (path: readonly PropertyKey[]) => placeOfValue(source, path);
  const told = issues
    .filter((issue) => !noted.isStandIn(valueAt(config, issue.path)))
    .flatMap((issue) => {
      const part = partOfKey[String(issue.path[0])] ?? "configuration";
      const faults = explainIssues([issue], { input: config, placeOf, root: "The configuration" });
      return faults.map((fault): Placed => ({ part, fault }));
    });
  return [...thrownFaults(source, file, noted), ...told];
}

function thrownFaults(source: Source, file: string, { faults }: NotedFaults): readonly Placed[] {
  const parts = { env: "configuration", detector: "detectors", playbook: "playbooks" } as const;
  return faults.flatMap(({ by, error }) =>
    mistakesOfThrown(file, source, error).map((fault) => ({ part: parts[by], fault })),
  );
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((inner, key) => (inner as { [k: PropertyKey]: unknown } | undefined)?.[key], value);
}

function sourceAt(path: string): Source {
  return parseSource(path, readFileSync(path, "utf8"));
}

/** What only shows where everything is put together, as a watch does it. */
async function loadWhole(
  path: string,
): Promise<{ readonly faults: readonly Placed[]; readonly notes: readonly string[] }> {
  try {
    const settings = await loadConfig(path);
    const { detectors } = programOf(settings, chainOf(settings));
    return { faults: [], notes: outdatedIn(settings, detectors) };
  } catch (error) {
    const faults = error instanceof ConfigError ? error.mistakes : [mistakeOfError({ file: path }, error)];
    return { faults: faults.map((fault) => ({ part: "configuration", fault })), notes: [] };
  }
}

// A calibration speaks of one version alone; of another the watch takes what a detector says as it says it.
function outdatedIn({ calibration }: Settings, uses: readonly DetectorUse[]): readonly string[] {
  const measured = new Map(calibration?.detectors.map(({ detector, version }) => [detector, version]));
  return uses.flatMap(({ meta: { id, version } }) => {
    const was = measured.get(id);
    return was === undefined || was === version
      ? []
      : [
          `"${id}" ${was} was measured and ${version} runs: it alerts uncalibrated until \`testudo calibrate\` is run again.`,
        ];
  });
}

function withNotes(parts: readonly CheckedPart[], notes: readonly string[]): readonly CheckedPart[] {
  if (notes.length === 0) return parts;
  return parts.map((item) => (item.part === "calibration" ? { ...item, notes } : item));
}

// No node is asked: without a word about the chain it is the one that was measured.
function chainOf({ chainId, calibration }: Settings): number {
  return chainId ?? calibration?.chainId ?? 1;
}

/** `parts` with `more` faults; a part that is not there yet is added. */
function withFaults(parts: readonly CheckedPart[], more: readonly Placed[]): readonly CheckedPart[] {
  const known = new Set(parts.map(({ part }) => part));
  const added = [...new Set(more.map(({ part }) => part))].filter((part) => !known.has(part));
  const all = [...parts, ...added.map((part): CheckedPart => ({ part, text: "", faults: [] }))];
  return all.map((item) => {
    const own = more.filter(({ part }) => part === item.part).map(({ fault }) => fault);
    return own.length === 0 ? item : { ...item, faults: [...own, ...item.faults] };
  });
}
