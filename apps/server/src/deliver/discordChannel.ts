import type { Severity } from "@testudo/core/model/Finding";
import type { Notice } from "@testudo/core/model/Notice";
import {
  type Channel,
  ChannelGoneError,
  DeliveryError,
  NoticeRefusedError,
  type Receipt,
  type Thread,
} from "./Channel.ts";
import { callService, retryAfterMs, type ServiceAnswer } from "./callService.ts";
import { discordMessage, discordThreadName } from "./discordMessage.ts";
import { stageOf } from "./Message.ts";
import type { Rules } from "./Rules.ts";
import { serviceKey } from "./serviceKey.ts";

/** Settings of a Discord channel. */
export interface DiscordOptions {
  readonly name: string;
  /** The webhook's URL, which is a secret: whoever knows it can post. */
  readonly webhookUrl: string;
  /** The webhook belongs to a forum: each alert becomes a post of its own, and the rest goes into it. */
  readonly isForum?: boolean;
  readonly minSeverity?: Severity;
  readonly rules?: Rules | undefined;
  readonly timeoutMs?: number;
}

/** What a webhook's message is called: the message, and the forum post where there is one. */
interface Place {
  readonly message: string;
  readonly post: string | undefined;
}

/**
 * A channel that posts through a Discord webhook, mentioning nobody. In a forum an alert is a post and what follows goes into it.
 * Elsewhere a webhook can begin no thread and answer no message: what follows is a message that names the alert, and the first
 * message is edited. A webhook cannot look for what it has posted, so that a lost answer may show an alert twice.
 */
export function discordChannel(options: DiscordOptions): Channel {
  const { name, isForum = false, minSeverity = "info", rules } = options;
  const ask = openWebhook(options);
  const deliver = async (notice: Notice, signal: AbortSignal, thread: Thread): Promise<Receipt> => {
    const root = placeOf(thread.root);
    const message = discordMessage(notice);
    const isOver = ["acknowledge", "close"].includes(stageOf(notice));
    const isOpen = root === undefined || thread.folded || !isOver || (await amend(ask, message, root, signal));
    if (!isForum || root?.post === undefined) return begin(ask, notice, message, { isForum, root, signal });
    const answer = await ask("POST", "", { wait: "true", thread_id: root.post }, message, signal);
    // Somebody has deleted or locked the post.
    if (isPostGone(answer)) return begin(ask, notice, message, { isForum, root: undefined, signal });
    const receipt = toReceipt(assertTaken(answer), false);
    // It was archived and is open by the new message now, which has told it whatever becomes of the old one.
    if (!isOpen) await amend(ask, message, root, signal).catch(() => {});
    return receipt;
  };
  return {
    name,
    minSeverity,
    service: serviceKey("discord", options.webhookUrl),
    ...(rules ? { rules } : {}),
    deliver,
  };
}

type Ask = (
  method: "POST" | "PATCH",
  path: string,
  query: Readonly<Record<string, string>>,
  body: object,
  signal: AbortSignal,
) => Promise<ServiceAnswer>;

async function begin(
  ask: Ask,
  notice: Notice,
  message: object,
  { isForum, root, signal }: { isForum: boolean; root: Place | undefined; signal: AbortSignal },
): Promise<Receipt> {
  const body = isForum ? { ...message, thread_name: discordThreadName(notice) } : message;
  const answer = assertTaken(await ask("POST", "", { wait: "true" }, body, signal));
  // Outside of a forum the first message stays the one that is edited.
  return toReceipt(answer, isForum || root === undefined);
}

/** Edits the first message, where it can be. False where its post is archived: then it can be once somebody writes there. */
async function amend(ask: Ask, message: object, root: Place, signal: AbortSignal): Promise<boolean> {
  const thread = root.post === undefined ? {} : { thread_id: root.post };
  const answer = await ask("PATCH", `/messages/${root.message}`, thread, message, signal);
  // The new message says it, and may not wait for the old one.
  if (!uneditable.has(answer.json?.code)) assertTaken(answer);
  return answer.json?.code !== archived;
}

const locked = 160_005;
const archived = 50_083;
const unknownPost = 10_003;
/** Message or post are deleted, the post archived or locked, or an old message was edited too often, which comes as a rate limit. */
const uneditable: ReadonlySet<unknown> = new Set([10_008, unknownPost, archived, locked, 30_046]);

function isPostGone({ status, json }: ServiceAnswer): boolean {
  return (status === 404 && json?.code === unknownPost) || (status === 400 && json?.code === locked);
}

function openWebhook({ webhookUrl, timeoutMs }: DiscordOptions): Ask {
  const base = new URL(webhookUrl);
  const token = base.pathname.split("/").at(-1) ?? "";
  return (method, path, query, body, signal) => {
    const url = new URL(base);
    url.pathname = `${base.pathname.replace(/\/$/, "")}${path}`;
    url.search = new URLSearchParams(query).toString();
    return callService({ url, method, body, signal, timeoutMs, secrets: [webhookUrl, token], readBytes: 65_536 });
  };
}

const unknownWebhook = 10_015;

function assertTaken(answer: ServiceAnswer): ServiceAnswer {
  const { status, json, what } = answer;
  if (status === 200 && typeof json?.id === "string") return answer;
  if (status === 429) {
    // Seconds with decimals in the body; the header may have been rounded down.
    const seconds = Number(json?.retry_after);
    const ms = seconds > 0 ? Math.ceil(seconds * 1_000) : (retryAfterMs(answer.headers, Date.now()) ?? 5_000);
    const isGlobal = json?.global === true || answer.headers.has("x-ratelimit-global");
    throw new DeliveryError(what, { retryAfterMs: ms, holds: isGlobal ? "service" : "channel" });
  }
  // Asking on for a deleted webhook counts as abuse: Discord shuts out addresses that do.
  if (status === 404 && json?.code === unknownWebhook) throw new ChannelGoneError(what);
  if (status === 400) throw new NoticeRefusedError(what);
  throw new DeliveryError(what, { needsPerson: status === 401 || status === 403 || status === 404 });
}

function toReceipt({ json, headers }: ServiceAnswer, isRoot: boolean): Receipt {
  const place = `${json.channel_id}:${json.id}`;
  // The last of its bucket: the next would be refused.
  const seconds = headers.get("x-ratelimit-remaining") === "0" ? Number(headers.get("x-ratelimit-reset-after")) : 0;
  return {
    ...(isRoot ? { root: place } : {}),
    said: place,
    ...(seconds > 0 ? { restMs: Math.ceil(seconds * 1_000) } : {}),
  };
}

function placeOf(root: string | null): Place | undefined {
  const [post, message] = root?.split(":") ?? [];
  return message === undefined ? undefined : { message, post };
}
