import { redactUrl } from "@testudo/chain/rpc/redactUrl";
import { hashOf } from "@testudo/core/model/Record";
import type { Person } from "../../api/Person.ts";
import type { PreblockConfig, Settings } from "../../config/Config.ts";
import { isServiceUrl } from "../../config/channelSchema.ts";
import { isOnThisMachine } from "../../config/nodeOf.ts";
import { readPeople, readToken } from "../../config/readToken.ts";
import { isSecret, secretRule, secretWayOut } from "../../config/secret.ts";
import { UsageError } from "../../config/UsageError.ts";
import type { Channel } from "../../deliver/Channel.ts";
import { webhookChannel } from "../../deliver/webhookChannel.ts";
import type { RelayAccess } from "../../jobs/send/Relay.ts";
import type { Fingerprints } from "../../observe/noteConfiguration.ts";
import type { Observability } from "../../observe/Observability.ts";
import type { PreblockSettings, ReexecuteSettings } from "../../watch/Watch.ts";
import { channelOf, slackSecretsOf, terminal } from "./channelOf.ts";
import { assertHeads, assertUrl } from "./nodeFlags.ts";
import { planScope, type Scope, type ScopeFlags, ScopeTwice } from "./planScope.ts";
import { relayAccessOf } from "./relayAccess.ts";
import { wholeNumber } from "./wholeNumber.ts";

/** The options of `testudo watch`, as given. */
export interface WatchFlags extends ScopeFlags {
  readonly heads?: readonly string[];
  readonly webhook?: string;
  readonly history: string;
  readonly deliverHistory?: boolean;
  readonly port?: string;
  /** True for `--pending`, false for `--no-pending`. */
  readonly pending?: boolean;
  /** True for `--reexecute`, false for `--no-reexecute`. */
  readonly reexecute?: boolean;
}

/** What both ways of starting come to. */
export interface WatchPlan extends Scope {
  /** WebSockets that say when to ask. */
  readonly heads: readonly string[];
  readonly channels: readonly Channel[];
  readonly escalations: Settings["escalations"];
  /** What Slack signs the clicks with that it sends us. */
  readonly slackSecrets: readonly string[];
  readonly api: { readonly host: string; readonly port: number };
  /** Whether no configuration was written. */
  readonly isZeroConfig: boolean;
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

/** Returns what the `flags` of `testudo watch` come to, with the configuration read. Throws UsageError or a ConfigError. */
export async function planWatch(flags: WatchFlags): Promise<WatchPlan> {
  const scope = await planScope(flags, { name: "watch", verb: "watch" });
  return scope.settings === undefined ? planOfFlags(flags, scope) : planOfSettings(scope.settings, flags, scope);
}

function planOfFlags(flags: WatchFlags, scope: Scope): WatchPlan {
  const { heads = [] } = flags;
  assertHeads(heads);
  return {
    ...scope,
    heads,
    channels: [terminal({ name: "terminal", minSeverity: "info" }), ...webhookOf(flags.webhook)],
    escalations: [],
    slackSecrets: [],
    api: { host: "127.0.0.1", port: portOf(flags, defaultPort) },
    isZeroConfig: true,
    history: historyOf(flags),
    deliverHistory: flags.deliverHistory === true,
    detectorLimitMs: defaultLimitMs,
    ...preblockOf(flags, undefined),
    ...reexecuteOf(flags, scope.rpc, undefined),
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

function planOfSettings(settings: Settings, flags: WatchFlags, scope: Scope): WatchPlan {
  if (flags.heads !== undefined) throw new ScopeTwice(settings.file);
  const { heads, api, detectorLimitMs, pollMs, fromBlock, sender, deployment, remotes } = settings;
  const preblock = preblockOf(flags, settings);
  return {
    ...scope,
    heads,
    channels: [...settings.channels.map(channelOf), ...webhookOf(flags.webhook)],
    escalations: settings.escalations,
    slackSecrets: slackSecretsOf(settings.channels),
    api: { host: api.host, port: portOf(flags, api.port) },
    isZeroConfig: false,
    remotes,
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
    ...reexecuteOf(flags, scope.rpc, settings),
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
