import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Endpoint } from "@testudo/chain/rpc/rpcEndpoint";
import { type Address, type Hex, toLower } from "@testudo/core/model/Hex";
import { openEvm } from "@testudo/lab/engine/openEvm";
import { addressesIn } from "../cli/flags/addressesIn.ts";
import { wholeNumber } from "../cli/flags/wholeNumber.ts";
import { loadConfig } from "../config/loadConfig.ts";
import { UsageError } from "../config/UsageError.ts";
import { loadProgram } from "../jobs/step/programSource.ts";
import { openNode } from "../watch/openNode.ts";
import { blockSource } from "./blockSource.ts";
import type { CaseSource } from "./CaseSource.ts";
import { capsuleSource } from "./capsuleSource.ts";
import { findScenarios } from "./findScenarios.ts";
import { incidentSource } from "./incidents/incidentSource.ts";
import { listFiles } from "./listFiles.ts";
import { rangeSource } from "./rangeSource.ts";
import { type Labels, readLabels } from "./readLabels.ts";
import { scenarioSource } from "./scenarioSource.ts";
import { traceSource } from "./traceSource.ts";

/** What says where the cases come from. */
export interface SourceFlags {
  readonly blocks?: readonly string[];
  readonly traces?: readonly string[];
  readonly capsules?: readonly string[];
  readonly scenario?: readonly string[];
  readonly from?: string;
  readonly to?: string;
  readonly rpc?: readonly string[];
  readonly config?: string;
  readonly protect?: readonly string[];
  readonly labels?: string;
  readonly seed?: string;
  readonly bare?: boolean;
  /** Whether blocks of a range are executed again that no node traces. */
  readonly reexecute?: boolean;
  /** Rules of the chain by name, for that. */
  readonly hardfork?: string;
  /** Told of the first block of a range that comes without call trees, and why. */
  readonly onDegraded?: (message: string) => void;
}

/** Sources, and how to close what they hold. */
export interface OpenSources {
  readonly sources: readonly CaseSource[];
  close(): void;
}

/** Opens what `flags` name. Throws UsageError or a ConfigError. */
export async function openSources(flags: SourceFlags): Promise<OpenSources> {
  const labels = flags.labels === undefined ? undefined : readLabels(flags.labels);
  const protect = flags.protect && addressesIn("--protect", flags.protect).map(toLower);
  const watched = protect === undefined ? {} : { protect };
  const endpoints: Endpoint[] = [];
  const sources: CaseSource[] = [];
  if (flags.blocks !== undefined)
    sources.push(
      blockSource(listFiles("--blocks", flags.blocks), {
        openEvm,
        ...watched,
        ...(flags.bare ? { isBare: true } : {}),
        ...(labels ? { labels } : {}),
      }),
    );
  if (flags.traces !== undefined) {
    const files = listFiles("--traces", flags.traces);
    sources.push(traceSource(files, { labels: labels ?? labelsBeside(files[0]!), ...watched }));
  }
  if (flags.capsules !== undefined) sources.push(capsuleSource(capsulesIn(flags.capsules), { openEvm }));
  if (flags.scenario !== undefined) {
    const { drills, incidents } = await findScenarios(flags.scenario);
    const seed = wholeNumber("--seed", flags.seed ?? "1", 0, 2 ** 31);
    if (drills.length > 0) sources.push(scenarioSource(drills, seed));
    if (incidents.length > 0) sources.push(incidentSource(incidents));
  }
  if (flags.from !== undefined || flags.to !== undefined) {
    const range = await openRange(flags, protect, labels);
    endpoints.push(...range.endpoints);
    sources.push(range.source);
  }
  if (sources.length === 0)
    throw new UsageError(
      "backtest does not know what to judge.",
      "Needed: --blocks, --traces, --capsules, --scenario, or --from and --to with --rpc and --protect, or --config.",
      "testudo backtest --help shows what there is.",
    );
  return {
    sources,
    close() {
      for (const endpoint of endpoints) endpoint.close();
    },
  };
}

/** The labels that lie beside call trees as index.tsv. Throws UsageError where there are none. */
function labelsBeside(file: string): Labels {
  const beside = join(dirname(file), "index.tsv");
  if (existsSync(beside)) return readLabels(beside);
  throw new UsageError(
    "--traces is given without labels.",
    "Needed: --labels FILE, or index.tsv beside the trees; a tree does not say whether it is an attack.",
    'Write a table with a column "tx" that names the attacks.',
  );
}

// A folder of capsules may hold calls that go with them, as JSON that is not packed.
function capsulesIn(paths: readonly string[]): string[] {
  return listFiles("--capsules", paths).filter((file) => !file.endsWith(".call.json"));
}

async function openRange(
  flags: SourceFlags,
  protect: readonly Address[] | undefined,
  labels: Labels | undefined,
): Promise<{ readonly source: CaseSource; readonly endpoints: readonly Endpoint[] }> {
  const [from, to] = [rangeEnd("--from", flags.from), rangeEnd("--to", flags.to)];
  if (from > to)
    throw new UsageError(`--from ${from} is behind --to ${to}.`, "A range goes forward.", "Exchange them.");
  if (flags.config !== undefined && protect !== undefined)
    throw new UsageError(
      "--protect is given beside --config.",
      "A configuration names what is protected, and its detectors are made for that.",
      "Leave one of them out.",
    );
  const settings = flags.config === undefined ? undefined : await loadConfig(flags.config);
  const rpc = flags.rpc ?? settings?.rpc ?? [];
  if (rpc.length === 0 || (settings === undefined && protect === undefined))
    throw new UsageError(
      "backtest does not know whose range to judge.",
      "Needed beside --from and --to: --config FILE, or --rpc URL and --protect 0x….",
      "Name them.",
    );
  const endpoints = await Promise.all(rpc.map((url) => openNode(url)));
  const [chain, newest] = await Promise.all(
    ["eth_chainId", "eth_blockNumber"].map((one) => endpoints[0]!.request(one)),
  );
  const chainId = Number(chain as Hex);
  if (BigInt(newest as Hex) < to)
    throw new UsageError(
      `--to ${to} is beyond the head of the chain.`,
      `The node's newest block is ${BigInt(newest as Hex)}; what is to come cannot be judged afterwards.`,
      "Take an earlier block, or `testudo watch` for what is to come.",
    );
  const program =
    settings === undefined
      ? await loadProgram({ kind: "zero-config", chainId, protect: protect! })
      : await loadProgram({ kind: "config", path: settings.file, chainId });
  const source = rangeSource({
    endpoints,
    quorum: settings?.quorum ?? Math.min(2, endpoints.length),
    program,
    from,
    to,
    ...(labels ? { labels } : {}),
    ...(flags.reexecute
      ? { reexecute: { hardfork: flags.hardfork ?? settings?.hardfork ?? settings?.preblock?.hardfork } }
      : {}),
    ...(flags.onDegraded ? { onDegraded: flags.onDegraded } : {}),
  });
  return { source, endpoints };
}

function rangeEnd(flag: string, text: string | undefined): bigint {
  if (text !== undefined && /^\d{1,18}$/.test(text)) return BigInt(text);
  throw new UsageError(
    text === undefined ? `${flag} is not given.` : `${flag} "${text}" is no block number.`,
    "Allowed: the number of a block; a range has both ends.",
    "Correct it.",
  );
}
