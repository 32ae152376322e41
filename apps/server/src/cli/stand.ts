import { resolve } from "node:path";
import { type Endpoint, openEndpoint } from "@testudo/chain/rpcEndpoint";
import { type Address, isAddress, toLower } from "@testudo/core/model/Hex";
import type { Commit } from "@testudo/core/model/Output";
import pc from "picocolors";
import type { ChannelSettings, Settings } from "../config/Config.ts";
import { loadConfig } from "../config/loadConfig.ts";
import type { Channel } from "../deliver/Channel.ts";
import { terminalChannel } from "../deliver/terminalChannel.ts";
import { webhookChannel } from "../deliver/webhookChannel.ts";
import { loadProgram, type ProgramSource } from "../jobs/programSource.ts";
import { openKeystore } from "../keystore/openKeystore.ts";
import { readPassword } from "../keystore/readPassword.ts";
import { openWatch } from "../watch/openWatch.ts";
import { surveyAddress, surveyLines } from "../watch/survey.ts";
import { printNote } from "./printLine.ts";
import { UsageError } from "./UsageError.ts";

export interface WatchFlags {
  readonly data: string;
  readonly rpc?: readonly string[];
  readonly protect?: readonly string[];
  readonly config?: string;
  readonly webhook?: string;
  readonly history: string;
  readonly port?: string;
}

/** What both ways of starting come to. */
interface Plan {
  readonly rpc: readonly string[];
  readonly quorum: number;
  readonly protect: readonly Address[];
  readonly source: (chainId: number) => ProgramSource;
  readonly channels: readonly Channel[];
  readonly api: { readonly host: string; readonly port: number };
  readonly dataDir: string;
  readonly detectorLimitMs: number;
  readonly pollMs?: number;
  readonly fromBlock?: bigint;
  readonly sender?: Settings["sender"];
}

const defaultPort = 4600;
const defaultLimitMs = 1_000;

/** Watches until it is stopped. Throws UsageError, a ConfigError, NoContract or what does not open. */
export async function standWatch(flags: WatchFlags): Promise<void> {
  const plan = flags.config === undefined ? planOfFlags(flags) : planOfSettings(await loadConfig(flags.config), flags);
  const history = BigInt(wholeNumber("--history", flags.history, 0, 1_000_000));
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stop.abort());
  const endpoints = plan.rpc.map((url) => openEndpoint(url));
  const { chainId, head } = await meet(endpoints);
  const fromBlock = plan.fromBlock ?? (head > history ? head - history : 0n);
  for (const address of plan.protect) for (const line of surveyLines(await surveyAddress(endpoints[0]!, address, fromBlock))) printNote(line);
  for (const endpoint of endpoints) endpoint.close();
  const source = plan.source(chainId);
  const program = await loadProgram(source);
  if (plan.quorum < 2) printNote(pc.yellow("Quorum 1: this one node is believed. Add a second --rpc of another operator."));
  printNote(`Chain ${chainId}, head ${head}, history from block ${fromBlock}. Thresholds are defaults, uncalibrated: this history offers no calibrated level.`);
  printNote(`Detectors: ${program.detectors.map((use) => use.meta.id).join(", ")}.`);
  const sender = plan.sender && (await openKeystore(plan.sender.keystore, await readPassword({ passwordFile: plan.sender.passwordFile, question: "Password of the sender" })));
  const watch = await openWatch({
    source,
    program,
    rpc: plan.rpc,
    quorum: plan.quorum,
    dataDir: plan.dataDir,
    api: plan.api,
    channels: plan.channels,
    fromBlock,
    detectorLimitMs: plan.detectorLimitMs,
    ...(plan.pollMs === undefined ? {} : { pollMs: plan.pollMs }),
    ...(sender ? { sender } : {}),
    onStored: announceArmed(fromBlock, head),
    signal: stop.signal,
  });
  printNote(`Health ${watch.url}/healthz, events ${watch.url}/events. Ctrl-C ends it; nothing is lost.`);
  await watch.done;
}

// History first, then live blocks: a person wants to know when the watch has caught up.
function announceArmed(fromBlock: bigint, head: bigint): (commit: Commit) => void {
  const started = Date.now();
  let told = -1;
  let caughtUp = false;
  return ({ cursor }) => {
    if (cursor === undefined || caughtUp) return;
    if (cursor.number >= head) {
      caughtUp = true;
      printNote(pc.green(`Watching. ${cursor.number - fromBlock} blocks of history read in ${((Date.now() - started) / 1_000).toFixed(1)} s.`));
      return;
    }
    const tenths = Number(((cursor.number - fromBlock) * 10n) / (head - fromBlock));
    if (tenths > told) printNote(pc.dim(`history ${tenths * 10} %`));
    told = Math.max(told, tenths);
  };
}

async function meet(endpoints: readonly Endpoint[]): Promise<{ chainId: number; head: bigint }> {
  const met: { chainId: number; head: bigint }[] = [];
  const failures: string[] = [];
  for (const endpoint of endpoints)
    try {
      const [chainId, head] = [await endpoint.request("eth_chainId"), await endpoint.request("eth_blockNumber")];
      met.push({ chainId: Number(chainId), head: BigInt(head as string) });
    } catch (error) {
      failures.push(error instanceof Error ? error.message : String(error));
    }
  const [first] = met;
  if (first === undefined) throw new NobodyThere(failures);
  for (const failure of failures) printNote(pc.yellow(failure));
  const other = met.find(({ chainId }) => chainId !== first.chainId);
  if (other !== undefined)
    throw new UsageError(`The nodes are on different chains: ${first.chainId} and ${other.chainId}.`, "All have to be on one.", "Correct --rpc.");
  return first;
}

function planOfFlags(flags: WatchFlags): Plan {
  const { rpc = [], protect = [] } = flags;
  if (rpc.length === 0 || protect.length === 0)
    throw new UsageError("watch does not know what to watch.", "Needed: --rpc URL and --protect 0x…, or --config FILE.", "Run `testudo init` for a configuration to start from.");
  const addresses = protect.flatMap((text) => text.split(",")).filter((text) => text !== "");
  const wrong = addresses.find((text) => !isAddress(text));
  if (wrong !== undefined)
    throw new UsageError(`--protect "${wrong}" is no address.`, "Allowed: 0x and 40 hexadecimal digits.", "Correct it.");
  const watched = [...new Set(addresses.map(toLower))];
  return {
    rpc,
    quorum: Math.min(2, rpc.length),
    protect: watched,
    source: (chainId) => ({ kind: "zero-config", chainId, protect: watched }),
    channels: [terminal("terminal", "info"), ...webhookOf(flags.webhook)],
    api: { host: "127.0.0.1", port: portOf(flags, defaultPort) },
    dataDir: resolve(flags.data),
    detectorLimitMs: defaultLimitMs,
  };
}

function planOfSettings(settings: Settings, flags: WatchFlags): Plan {
  if (flags.rpc !== undefined || flags.protect !== undefined)
    throw new UsageError("--config is given together with --rpc or --protect.", "One place says what is watched.", `Put them into "${settings.file}", or leave --config out.`);
  const { rpc, quorum, protect, api, dataDir, detectorLimitMs, pollMs, fromBlock, sender } = settings;
  return {
    rpc,
    quorum,
    protect: protect.map(({ address }) => address),
    source: (chainId) => ({ kind: "config", path: settings.file, chainId }),
    channels: [...settings.channels.map(channelOf), ...webhookOf(flags.webhook)],
    api: { host: api.host, port: portOf(flags, api.port) },
    // --data is a global option with a default; the file's own folder stands unless another one was named.
    dataDir: flags.data === ".testudo" ? dataDir : resolve(flags.data),
    detectorLimitMs,
    pollMs,
    ...(fromBlock === undefined ? {} : { fromBlock }),
    sender,
  };
}

function channelOf(settings: ChannelSettings): Channel {
  if (settings.type === "webhook") return webhookChannel(settings);
  return terminal(settings.name, settings.minSeverity);
}

function terminal(name: string, minSeverity: ChannelSettings["minSeverity"]): Channel {
  return terminalChannel({ name, minSeverity, write: (text) => void process.stdout.write(text) });
}

function webhookOf(url: string | undefined): Channel[] {
  if (url === undefined) return [];
  const secret = process.env.TESTUDO_WEBHOOK_SECRET;
  if (secret === undefined)
    throw new UsageError("--webhook is given without a secret.", "Alerts are signed, so that the receiver knows them from forged ones.", "Set TESTUDO_WEBHOOK_SECRET to whsec_ and 24 to 64 bytes in base64.");
  return [webhookChannel({ name: "webhook", url, secrets: [secret] })];
}

function portOf(flags: WatchFlags, otherwise: number): number {
  return flags.port === undefined ? otherwise : wholeNumber("--port", flags.port, 0, 65_535);
}

function wholeNumber(flag: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= least && value <= most) return value;
  throw new UsageError(`${flag} "${text}" is not possible.`, `Allowed: a whole number from ${least} to ${most}.`, "Correct it.");
}

/** No node answers. Retryable. */
export class NobodyThere extends Error {
  override readonly name = "NobodyThere";
  constructor(failures: readonly string[]) {
    super(failures.join("\n"));
  }
}
