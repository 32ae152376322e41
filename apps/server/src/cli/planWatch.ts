import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { isHeadUrl } from "@testudo/chain/isHeadUrl";
import { redactUrl } from "@testudo/chain/redactUrl";
import { type Address, toLower } from "@testudo/core/model/Hex";
import { hashOf } from "@testudo/core/model/Record";
import { hardforkNames, isHardfork } from "@testudo/lab/hardforkNames";
import type { Person } from "../api/Person.ts";
import type { PreblockConfig, RelaySettings, Settings } from "../config/Config.ts";
import { isServiceUrl } from "../config/channelSchema.ts";
import { isOnThisMachine, nodeTwice } from "../config/nodeOf.ts";
import { readSecret } from "../config/readSecret.ts";
import { readPeople, readToken } from "../config/readToken.ts";
import { isSecret, secretRule, secretWayOut } from "../config/secret.ts";
import { UsageError } from "../config/UsageError.ts";
import type { Channel } from "../deliver/Channel.ts";
import { webhookChannel } from "../deliver/webhookChannel.ts";
import type { ProgramSource } from "../jobs/programSource.ts";
import type { RelayAccess } from "../jobs/Relay.ts";
import type { Fingerprints } from "../observe/noteConfiguration.ts";
import type { Observability } from "../observe/Observability.ts";
import type { PreblockSettings, ReexecuteSettings } from "../watch/Watch.ts";
import { addressesIn } from "./addressesIn.ts";
import { channelOf, slackSecretsOf, terminal } from "./channelOf.ts";
import { configName, dataFolder } from "./dataFolder.ts";
import { wholeNumber } from "./wholeNumber.ts";

/** The options of `testudo watch`, as given. */
export interface WatchFlags {
  readonly data?: string;
  readonly rpc?: readonly string[];
  readonly heads?: readonly string[];
  readonly protect?: readonly string[];
  readonly config?: string;
  readonly webhook?: string;
  readonly history: string;
  readonly deliverHistory?: boolean;
  readonly port?: string;
  /** True for `--pending`, false for `--no-pending`. */
  readonly pending?: boolean;
  /** True for `--reexecute`, false for `--no-reexecute`. */
  readonly reexecute?: boolean;
  /** Rules of the chain by name. */
  readonly hardfork?: string;
}

/** What both ways of starting come to. */
export interface WatchPlan {
  readonly rpc: readonly string[];
  /** WebSockets that say when to ask. */
  readonly heads: readonly string[];
  readonly quorum: number;
  readonly protect: readonly Address[];
  readonly source: (chainId: number) => ProgramSource;
  readonly channels: readonly Channel[];
  readonly escalations: Settings["escalations"];
  /** What Slack signs the clicks with that it sends us. */
  readonly slackSecrets: readonly string[];
  readonly api: { readonly host: string; readonly port: number };
  /** Whether no configuration was written. */
  readonly isZeroConfig: boolean;
  readonly dataDir: string;
  /** Blocks to read before the head at the first start, where no `fromBlock` says it. */
  readonly history: bigint;
  /** Whether what is found in it is sent to the channels (DET-09). */
  readonly deliverHistory: boolean;
  readonly detectorLimitMs: number;
  readonly pollMs?: number;
  readonly fromBlock?: bigint;
  readonly sender?: Settings["sender"];
  readonly deployment?: Settings["deployment"];
  readonly remotes?: Settings["remotes"];
  /** The policy's private relay, with its secret. */
  readonly relay?: RelayAccess;
  /** Where a configuration was written: what it said when it was read. */
  readonly settings?: Settings;
  readonly observe?: Observability;
  readonly fingerprints?: Fingerprints;
  /** What is done before the block; absent: blocks only. */
  readonly preblock?: PreblockSettings;
  /** How blocks are executed again that no node traces; absent: they are not. */
  readonly reexecute?: ReexecuteSettings;
  /** Whoever has a token of his own. */
  readonly people?: readonly Person[];
}

const defaultPort = 4600;
const defaultLimitMs = 1_000;

/** Returns what the `flags` of `command` come to, with the configuration read. Throws UsageError or a ConfigError. */
export async function planWatch(
  flags: WatchFlags,
  command: { readonly name: string; readonly verb: string } = { name: "watch", verb: "watch" },
): Promise<WatchPlan> {
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
    return planOfFlags(flags, await dataFolder(flags.data));
  }
  const { loadConfig } = await import("../config/loadConfig.ts");
  const settings = await loadConfig(config);
  return planOfSettings(settings, flags, flags.data === undefined ? settings.dataDir : await dataFolder(flags.data));
}

// As other commands do. What is named by a flag is never mixed with a file that nobody named.
function configHere({ rpc, protect }: WatchFlags): string | undefined {
  return rpc === undefined && protect === undefined && existsSync(configName) ? configName : undefined;
}

function planOfFlags(flags: WatchFlags, dataDir: string): WatchPlan {
  const { rpc = [], heads = [], protect = [] } = flags;
  const watched = [...new Set(addressesIn("--protect", protect).map(toLower))];
  if (watched.length === 0)
    throw new UsageError(
      `--protect "${protect.join(" ")}" names no address.`,
      "Over nothing there would be silence for ever.",
      "Give one address or more, separated by commas or spaces.",
    );
  assertNodes(rpc);
  assertHeads(heads);
  return {
    rpc,
    heads,
    quorum: Math.min(2, rpc.length),
    protect: watched,
    source: (chainId) => ({ kind: "zero-config", chainId, protect: watched }),
    channels: [terminal({ name: "terminal", minSeverity: "info" }), ...webhookOf(flags.webhook)],
    escalations: [],
    slackSecrets: [],
    api: { host: "127.0.0.1", port: portOf(flags, defaultPort) },
    isZeroConfig: true,
    dataDir: resolve(dataDir),
    history: historyOf(flags),
    deliverHistory: flags.deliverHistory === true,
    detectorLimitMs: defaultLimitMs,
    ...preblockOf(flags, undefined),
    ...reexecuteOf(flags, rpc, undefined),
  };
}

const allBeforeBlock: PreblockConfig = { pool: true, probe: true, endpoint: true, recipients: [] };

// A flag is said louder than the file; whom a call is encrypted for only the file says.
function preblockOf(flags: WatchFlags, settings: Settings | undefined): Pick<WatchPlan, "preblock"> {
  const { pending } = flags;
  const own = settings?.preblock;
  const asked = pending === true ? { ...(own ?? allBeforeBlock), pool: true, probe: true, endpoint: true } : own;
  if (pending === false || asked === undefined || !(asked.pool || asked.probe || asked.endpoint)) return {};
  const { pool, probe, endpoint, recipients, relayToken } = asked;
  const hardfork = flags.hardfork ?? asked.hardfork ?? settings?.hardfork;
  const settled = {
    followPool: pool,
    probes: probe,
    endpoint,
    recipients,
    ...(relayToken === undefined ? {} : { relayToken: readToken(relayToken, "relay token") }),
  };
  return { preblock: hardfork === undefined ? settled : { ...settled, hardfork } };
}

// A node elsewhere may count what it is asked, and a full block takes thousands of questions.
function reexecuteOf(
  { reexecute, hardfork }: WatchFlags,
  rpc: readonly string[],
  settings: Settings | undefined,
): Pick<WatchPlan, "reexecute"> {
  if (!(reexecute ?? settings?.reexecute ?? rpc.every(isOnThisMachine))) return {};
  return { reexecute: { hardfork: hardfork ?? settings?.hardfork ?? settings?.preblock?.hardfork } };
}

/** How the relay of the settings is reached, with the secret that they name. Throws UsageError. */
export function relayAccessOf({ url, method, header }: RelaySettings): RelayAccess {
  if (header === undefined) return { url, method };
  const value = readSecret(header.value, `value of the relay's header "${header.name}"`);
  if (!/^[\x20-\x7e]+$/.test(value))
    throw new UsageError(
      `The value of the relay's header "${header.name}" holds a character that no header may.`,
      "Allowed: printable ASCII.",
      "Copy it once more from the relay's operator.",
    );
  return { url, method, header: { name: header.name, value } };
}

function planOfSettings(settings: Settings, flags: WatchFlags, folder: string): WatchPlan {
  if (flags.rpc !== undefined || flags.heads !== undefined || flags.protect !== undefined)
    throw new UsageError(
      "--config is given together with --rpc, --heads or --protect.",
      "One place says what is watched.",
      `Put them into "${settings.file}", or leave --config out.`,
    );
  const { rpc, heads, quorum, protect, api, detectorLimitMs, pollMs, fromBlock, sender, deployment, remotes } =
    settings;
  const preblock = preblockOf(flags, settings);
  return {
    rpc,
    heads,
    quorum,
    protect: protect.map(({ address }) => address),
    source: (chainId) => ({ kind: "config", path: settings.file, chainId, accepted: settings.sources }),
    settings,
    channels: [...settings.channels.map(channelOf), ...webhookOf(flags.webhook)],
    escalations: settings.escalations,
    slackSecrets: slackSecretsOf(settings.channels),
    api: { host: api.host, port: portOf(flags, api.port) },
    isZeroConfig: false,
    remotes,
    dataDir: resolve(folder),
    history: historyOf(flags),
    deliverHistory: flags.deliverHistory === true || settings.deliverHistory,
    detectorLimitMs,
    ...(pollMs === undefined ? {} : { pollMs }),
    ...(fromBlock === undefined ? {} : { fromBlock }),
    ...(sender === undefined ? {} : { sender }),
    ...(deployment === undefined ? {} : { deployment }),
    // Who sends nothing needs none, nor its secret.
    ...(settings.relay === undefined || sender === undefined ? {} : { relay: relayAccessOf(settings.relay) }),
    ...(settings.observe === undefined ? {} : { observe: settings.observe }),
    ...preblock,
    ...reexecuteOf(flags, rpc, settings),
    people: readPeople(settings.people, preblock.preblock?.relayToken),
    fingerprints: Object.fromEntries([
      // A channel's address and secrets count too; of their hash nothing can be read.
      ...settings.channels.map((channel) => [`channel ${channel.name}`, hashOf(channel)] as const),
      ...(settings.relay ? [["relay", hashOf(settings.relay)] as const] : []),
      ...(settings.people.length > 0 ? [["people", hashOf(settings.people)] as const] : []),
      ...(settings.preblock ? [["preblock", hashOf({ ...settings.preblock })] as const] : []),
    ]),
  };
}

function webhookOf(url: string | undefined): Channel[] {
  if (url === undefined) return [];
  assertUrl("--webhook", url);
  if (!isServiceUrl(url))
    throw new UsageError(
      `--webhook "${redactUrl(url)}" would send alerts in the clear, or names a login.`,
      "Allowed: https://…, or http:// of a loopback address.",
      "Put TLS in front of the receiver.",
    );
  const secret = process.env.TESTUDO_WEBHOOK_SECRET;
  if (secret === undefined)
    throw new UsageError(
      "--webhook is given without a secret.",
      "Alerts are signed, so that the receiver knows them from forged ones.",
      `Set TESTUDO_WEBHOOK_SECRET. ${secretWayOut}`,
    );
  if (!isSecret(secret)) throw new UsageError("TESTUDO_WEBHOOK_SECRET is no signing secret.", secretRule, secretWayOut);
  return [webhookChannel({ name: "webhook", url, secrets: [secret] })];
}

function historyOf({ history }: WatchFlags): bigint {
  return BigInt(wholeNumber("--history", history, 0, 1_000_000));
}

function portOf(flags: WatchFlags, otherwise: number): number {
  return flags.port === undefined ? otherwise : wholeNumber("--port", flags.port, 0, 65_535);
}

function assertNodes(rpc: readonly string[]): void {
  for (const text of rpc) assertUrl("--rpc", text);
  const twice = nodeTwice(rpc);
  if (twice !== undefined)
    throw new UsageError(
      `--rpc "${redactUrl(rpc[twice.index]!)}" is given twice${sameWords(rpc[twice.first]!, rpc[twice.index]!)}.`,
      "One node is one voice: a quorum of itself is none.",
      "Name a second node of another operator, or this one once.",
    );
}

function assertHeads(heads: readonly string[]): void {
  for (const text of heads)
    if (!isHeadUrl(text))
      throw new UsageError(
        `--heads "${shown(text)}" is no URL of a WebSocket.`,
        "Allowed: ws://… or wss://…, without a fragment.",
        "Write it in full; --rpc takes http://… and https://….",
      );
  const twice = nodeTwice(heads);
  if (twice !== undefined)
    throw new UsageError(
      `--heads "${redactUrl(heads[twice.index]!)}" is given twice${sameWords(heads[twice.first]!, heads[twice.index]!)}.`,
      "A node's second socket tells nothing new.",
      "Name another node, or this one once.",
    );
}

function sameWords(first: string, again: string): string {
  return first === again ? "" : `: it is "${redactUrl(first)}"`;
}

/** Throws UsageError where `text` is no http or https URL. */
export function assertUrl(flag: string, text: string): void {
  if (/^https?:\/\//i.test(text) && URL.canParse(text)) return;
  throw new UsageError(`${flag} "${shown(text)}" is no URL.`, "Allowed: http://… or https://…", "Write it in full.");
}

// A misspelt URL may hold a key all the same.
function shown(text: string): string {
  return URL.canParse(text) || /[/@?=]/.test(text) ? redactUrl(text) : text;
}
