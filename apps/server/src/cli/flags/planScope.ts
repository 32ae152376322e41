// Which chain, which contracts and which detectors: what every command needs that judges blocks, whether it tells anybody or not.
// No secret is read here.
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { type Address, toLower } from "@testudo/core/model/Hex";
import { hardforkNames, isHardfork } from "@testudo/lab/record/hardforkNames";
import type { Settings } from "../../config/Config.ts";
import { UsageError } from "../../config/UsageError.ts";
import type { ProgramSource } from "../../jobs/step/programSource.ts";
import { addressesIn } from "./addressesIn.ts";
import { configName, dataFolder } from "./dataFolder.ts";
import { assertNodes } from "./nodeFlags.ts";

/** The options that say what is judged, as given. */
export interface ScopeFlags {
  readonly data?: string;
  readonly rpc?: readonly string[];
  readonly protect?: readonly string[];
  readonly config?: string;
  /** Rules of the chain by name. */
  readonly hardfork?: string;
}

/** What is judged. */
export interface Scope {
  readonly rpc: readonly string[];
  readonly quorum: number;
  readonly protect: readonly Address[];
  readonly source: (chainId: number) => ProgramSource;
  readonly dataDir: string;
  /** Where a configuration was written: what it said when it was read. */
  readonly settings?: Settings;
}

/** Returns what the `flags` of `command` come to, with the configuration read. Throws UsageError or a ConfigError. */
export async function planScope(
  flags: ScopeFlags,
  command: { readonly name: string; readonly verb: string },
): Promise<Scope> {
  if (flags.hardfork !== undefined && !isHardfork(flags.hardfork))
    throw new UsageError(
      `--hardfork "${flags.hardfork}" names no rules.`,
      `Allowed: ${hardforkNames.join(", ")}.`,
      "Correct the name.",
    );
  const { config = configHere(flags) } = flags;
  if (config === undefined) {
    if (!flags.rpc?.length || !flags.protect?.length)
      throw new UsageError(
        `${command.name} does not know what to ${command.verb}.`,
        "Needed: --rpc URL and --protect 0x…, or --config FILE.",
        "Run `testudo init` for a configuration to start from.",
      );
    return scopeOfFlags(flags.rpc, flags.protect, await dataFolder(flags.data));
  }
  const { loadConfig } = await import("../../config/loadConfig.ts");
  const settings = await loadConfig(config);
  if (flags.rpc !== undefined || flags.protect !== undefined) throw new ScopeTwice(settings.file);
  return scopeOfSettings(settings, flags.data === undefined ? settings.dataDir : await dataFolder(flags.data));
}

// As other commands do. What is named by a flag is never mixed with a file that nobody named.
function configHere({ rpc, protect }: ScopeFlags): string | undefined {
  return rpc === undefined && protect === undefined && existsSync(configName) ? configName : undefined;
}

function scopeOfFlags(rpc: readonly string[], given: readonly string[], folder: string): Scope {
  const protect = [...new Set(addressesIn("--protect", given).map(toLower))];
  if (protect.length === 0)
    throw new UsageError(
      `--protect "${given.join(" ")}" names no address.`,
      "Over nothing there would be silence for ever.",
      "Give one address or more, separated by commas or spaces.",
    );
  assertNodes(rpc);
  return {
    rpc,
    quorum: Math.min(2, rpc.length),
    protect,
    source: (chainId) => ({ kind: "zero-config", chainId, protect }),
    dataDir: resolve(folder),
  };
}

function scopeOfSettings(settings: Settings, folder: string): Scope {
  const { file, rpc, quorum, protect, sources } = settings;
  return {
    rpc,
    quorum,
    protect: protect.map(({ address }) => address),
    source: (chainId) => ({ kind: "config", path: file, chainId, accepted: sources }),
    dataDir: resolve(folder),
    settings,
  };
}

/** A configuration and flags that say the same. */
export class ScopeTwice extends UsageError {
  override readonly name = "ScopeTwice";
  constructor(file: string) {
    super(
      "--config is given together with --rpc, --heads or --protect.",
      "One place says what is watched.",
      `Put them into "${file}", or leave --config out.`,
    );
  }
}
