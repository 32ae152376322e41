import { dirname, resolve } from "node:path";
import { defaultComposite } from "@testudo/core/model/CompositeRule";
import type { z } from "zod";
import type { Observability } from "../observe/Observability.ts";
import type { Config, Settings } from "./Config.ts";
import { ConfigError, type Mistake } from "./ConfigError.ts";
import { configSchema, nameOfChannel } from "./configSchema.ts";
import { evaluateConfig } from "./evaluateConfig.ts";
import { explainIssues } from "./explainIssue.ts";
import { loadCalibration } from "./loadCalibration.ts";
import { placeOfValue, type Source } from "./locate.ts";

/**
 * The checked settings of the configuration at `path`, with every default. The file is run: it is code of the operator.
 * Throws ConfigMissing, ConfigSyntaxError, ConfigThrew, ConfigNotDefined or ConfigInvalid, all of them ConfigErrors that
 * name file, line and column.
 */
export async function loadConfig(path: string): Promise<Settings> {
  const { file, source, config } = await evaluateConfig(path);
  const checked = configSchema.safeParse(config);
  if (!checked.success) throw new ConfigInvalid(invalidIn(source, config, checked.error));
  return toSettings(file, checked.data);
}

function invalidIn(source: Source, config: Config, error: z.ZodError): readonly Mistake[] {
  const placeOf = (path: readonly PropertyKey[]) => placeOfValue(source, path);
  return explainIssues(error.issues, { input: config, placeOf, root: "The configuration" });
}

function toSettings(file: string, data: z.output<typeof configSchema>): Settings {
  const inFolder = (path: string) => resolve(dirname(file), path);
  const calibration = data.calibration === undefined ? undefined : loadCalibration(inFolder(data.calibration));
  // Without p-values nothing can be combined.
  const composite = data.composite ?? (calibration === undefined ? undefined : defaultComposite);
  return {
    ...data,
    file,
    quorum: data.quorum ?? Math.min(2, data.rpc.length),
    chainId: data.chainId,
    protect: data.protect.map(({ name, address }, i) => ({ name: name ?? `protected-${i + 1}`, address })),
    detectors: data.detectors,
    policy: data.policy ?? null,
    channels: data.channels.map((channel, i) => ({ ...channel, name: nameOfChannel(channel, i) })),
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
    calibration,
    composite: composite === false ? undefined : composite,
    fromBlock: data.fromBlock,
  };
}

/** Values of the configuration are not allowed. */
export class ConfigInvalid extends ConfigError {
  override readonly name = "ConfigInvalid";
}
