import { dirname, resolve } from "node:path";
import { zeroConfigDetectors } from "@testudo/core/detectors/zeroConfig";
import type { DetectorUse } from "@testudo/core/model/Detector";
import type { z } from "zod";
import type { Observability } from "../observe/Observability.ts";
import { readRules, readRulesText } from "../rules/readRules.ts";
import type { SecretRef } from "./ChannelConfig.ts";
import type { Config, RelaySettings, Settings, SettingsSource } from "./Config.ts";
import { ConfigError, type Mistake } from "./ConfigError.ts";
import type { channelSchema } from "./channelSchema.ts";
import { configSchema, nameOfChannel } from "./configSchema.ts";
import { defaultCompositeOf, defaultQuorum } from "./derivedSettings.ts";
import { evaluateConfig } from "./evaluateConfig.ts";
import { explainIssues } from "./explainIssue.ts";
import { loadCalibration } from "./loadCalibration.ts";
import { placeOfValue, type Source } from "./locate.ts";
import { nodeOf } from "./nodeOf.ts";
import { relaySchema } from "./relaySchema.ts";

/**
 * The checked settings of the configuration at `path`, with every default. The file is run: it is code of the operator.
 * `accepted` stands in for the text of files that were read before. Throws ConfigMissing, ConfigSyntaxError, ConfigThrew,
 * ConfigNotDefined, ConfigInvalid, RulesMissing or RulesInvalid, all of them ConfigErrors that name file, line and column.
 */
export async function loadConfig(path: string, accepted: readonly SettingsSource[] = []): Promise<Settings> {
  const acceptedOf = (file: string) => accepted.find((item) => item.file === file)?.text;
  const { file, source, config } = await evaluateConfig(path, {}, acceptedOf(resolve(path)));
  const checked = configSchema.safeParse(config);
  if (!checked.success) throw new ConfigInvalid(invalidIn(source, config, checked.error));
  const rules = checked.data.rules.map((name) => {
    const rulesFile = resolve(dirname(file), name);
    return { file: rulesFile, text: acceptedOf(rulesFile) ?? readRulesText(rulesFile) };
  });
  const ruleDetectors = rules.flatMap((item) => readRules(item.file, item.text));
  const twice = idTwice(source, checked.data.detectors ?? zeroConfigDetectors(), ruleDetectors);
  if (twice !== undefined) throw new ConfigInvalid([twice]);
  const relay = relayOf(source, config, checked.data.rpc);
  return { ...toSettings(file, checked.data, relay), ruleDetectors, sources: [{ file, text: source.text }, ...rules] };
}

// The schema has accepted it; read once more, because the policy that came of it keeps no address with a key.
function relayOf(source: Source, { policy }: Config, rpc: readonly string[]): RelaySettings | undefined {
  if (policy?.relay === undefined) return undefined;
  const { publicAfterBlocks: _, ...relay } = relaySchema.parse(policy.relay);
  const same = rpc.findIndex((node) => nodeOf(node) === nodeOf(relay.url));
  if (same < 0) return relay;
  throw new ConfigInvalid([
    {
      place: placeOfValue(source, ["policy", "relay", "url"]),
      what: `\`policy.relay.url\` is the node rpc[${same}].`,
      allowed: "Allowed: a relay that is none of the nodes; what a node is sent, everybody sees.",
      wayOut: "Name the relay's own address, or take `relay` out.",
    },
  ]);
}

/** The mistake of a rule whose id an earlier one or a detector has; undefined where each stands once. */
export function idTwice(
  source: Source,
  own: readonly DetectorUse[],
  rules: readonly DetectorUse[],
): Mistake | undefined {
  const ids = [...own, ...rules].map(({ meta }) => meta.id);
  const twice = ids.find((id, i) => ids.indexOf(id) < i);
  if (twice === undefined) return undefined;
  return {
    place: placeOfValue(source, ["rules"]),
    what: `\`rules\` has a rule "${twice}" whose id is taken.`,
    allowed: "Allowed: each detector id once, over `detectors` and all rules; memory and alerts hang on it.",
    wayOut: "Give the rule another id.",
  };
}

function invalidIn(source: Source, config: Config, error: z.ZodError): readonly Mistake[] {
  const placeOf = (path: readonly PropertyKey[]) => placeOfValue(source, path);
  return explainIssues(error.issues, { input: config, placeOf, root: "The configuration" });
}

function toSettings(
  file: string,
  { rules: _, ...data }: z.output<typeof configSchema>,
  relay: RelaySettings | undefined,
): Omit<Settings, "ruleDetectors" | "sources"> {
  const inFolder = (path: string) => resolve(dirname(file), path);
  const calibration = data.calibration === undefined ? undefined : loadCalibration(inFolder(data.calibration));
  const composite = data.composite ?? defaultCompositeOf(calibration);
  return {
    ...data,
    file,
    quorum: data.quorum ?? defaultQuorum(data.rpc),
    chainId: data.chainId,
    protect: data.protect.map(({ name, address }, i) => ({ name: name ?? `protected-${i + 1}`, address })),
    detectors: data.detectors,
    policy: data.policy ?? null,
    relay: relay?.header
      ? { ...relay, header: { ...relay.header, value: placedRef(relay.header.value, inFolder) as SecretRef } }
      : relay,
    channels: data.channels.map((channel, i) => ({ ...placed(channel, inFolder), name: nameOfChannel(channel, i) })),
    dataDir: inFolder(data.dataDir),
    sender: data.sender && {
      keystore: inFolder(data.sender.keystore),
      passwordFile: inFolder(data.sender.passwordFile),
    },
    deployment: data.deployment && {
      file: inFolder(data.deployment.file),
      ...(data.deployment.plan === undefined ? {} : { plan: inFolder(data.deployment.plan) }),
      everyMinutes: data.deployment.everyMinutes,
    },
    observe: data.observe as Observability | undefined,
    preblock: data.preblock,
    people: data.people.map(({ name, token }) => ({ name, token: placedRef(token, inFolder) as SecretRef })),
    reexecute: data.reexecute,
    hardfork: data.hardfork,
    calibration,
    applyCalibration: data.applyCalibration ?? false,
    composite: composite === false ? undefined : composite,
    fromBlock: data.fromBlock,
  };
}

/** `channel` with the paths of its files made absolute. A program's bare name is looked for in PATH. */
export function placed<C extends z.output<typeof channelSchema>>(channel: C, inFolder: (path: string) => string): C {
  const refs = Object.entries(channel).map(([key, value]) => [key, placedRef(value, inFolder)] as const);
  const files: { caFile?: string; command?: readonly string[] } = {};
  if (channel.type === "smtp" && channel.caFile !== undefined) files.caFile = inFolder(channel.caFile);
  if (channel.type === "script") {
    const [program = "", ...args] = channel.command;
    files.command = [program.includes("/") ? inFolder(program) : program, ...args];
  }
  return { ...channel, ...Object.fromEntries(refs), ...files };
}

function placedRef(value: unknown, inFolder: (path: string) => string): unknown {
  if (Array.isArray(value)) return value.map((item) => placedRef(item, inFolder));
  const { file } = (value ?? {}) as { file?: unknown };
  return typeof value === "object" && typeof file === "string" ? { file: inFolder(file) } : value;
}

/** Values of the configuration are not allowed. */
export class ConfigInvalid extends ConfigError {
  override readonly name = "ConfigInvalid";
}
