// Discord's webhooks as its documentation has them: ?wait=true, forum posts, edits, 429 with seconds in decimals, error codes.
import type { ChannelBench } from "./channelSuite.testkit.ts";
import { type DiscordOptions, discordChannel } from "./discordChannel.ts";
import { linkedIn } from "./nastyText.testkit.ts";
import { type Asked, openService, type Reply, type Service } from "./service.testkit.ts";

const token = "kTdGVsbG8gd29ybGQ_Zm9yIGEgd2ViaG9vaw-9f8e7d6c5b4a3210";

// biome-ignore lint/suspicious/noExplicitAny: messages are foreign JSON
type Message = { id: string; channel_id: string } & Record<string, any>;

export interface DiscordBench extends ChannelBench {
  readonly service: Service;
  readonly messages: Message[];
  /** Answers everything with this until it is undefined again. */
  refusal: Reply | undefined;
  /** Headers of the next answers. */
  headers: Readonly<Record<string, string>>;
  isGlobal: boolean;
  /** Forum posts that nobody has written in for long: a message opens them again. */
  readonly archived: Set<string>;
  /** Forum posts into which a webhook may not write. */
  readonly locked: Set<string>;
  /** Messages that were edited too often. */
  readonly worn: Set<string>;
}

export async function openDiscordBench(options: Partial<DiscordOptions> = {}): Promise<DiscordBench> {
  const messages: Message[] = [];
  let count = 0;
  const closed = { archived: new Set<string>(), locked: new Set<string>(), worn: new Set<string>() };
  const bench = { refusal: undefined as Reply | undefined, headers: {}, isGlobal: false, ...closed };
  const room = "1000";
  const { isForum = false } = options;
  const no = (status: number, code: number, message: string): Reply => ({ status, body: { code, message } });
  const handle = ({ method, path, query, json }: Asked): Reply => {
    if (bench.refusal !== undefined) return bench.refusal;
    const [, id] = path.match(/^\/api\/webhooks\/42\/[\w-]+(?:\/messages\/(\w+))?$/) ?? [];
    if (!path.startsWith(`/api/webhooks/42/${token}`)) return no(404, 10_015, "Unknown Webhook");
    const fault = faultIn(json);
    if (fault !== undefined) return no(400, 50_035, fault);
    const thread = query.get("thread_id");
    if (thread !== null && !messages.some((m) => m.channel_id === thread)) return no(404, 10_003, "Unknown Channel");
    if (bench.locked.has(thread ?? "")) return no(400, 160_005, "Thread is locked");
    if (method === "PATCH") {
      if (bench.archived.has(thread ?? ""))
        return no(400, 50_083, "Tried to perform an operation on an archived thread");
      if (bench.worn.has(id ?? ""))
        return no(429, 30_046, "Maximum number of edits to messages older than 1 hour reached");
      const message = messages.find((m) => m.id === id && (!isForum || m.channel_id === thread));
      if (message === undefined) return no(404, 10_008, "Unknown Message");
      Object.assign(message, json);
      return { status: 200, headers: bench.headers, body: message };
    }
    if (isForum && thread === null && typeof json.thread_name !== "string")
      return no(400, 220_001, "Webhooks posted to forum channels must have a thread_name or thread_id");
    const message: Message = {
      ...json,
      id: String(9_000 + ++count),
      channel_id: thread ?? (isForum ? `7${count}` : room),
    };
    messages.push(message);
    bench.archived.delete(message.channel_id);
    if (query.get("wait") !== "true") return { status: 204 };
    return { status: 200, headers: bench.headers, body: message };
  };
  const service = await openService(handle, {
    rateLimited: () => ({
      status: 429,
      headers: {
        "retry-after": "2",
        ...(bench.isGlobal ? { "x-ratelimit-global": "true" } : { "x-ratelimit-scope": "user" }),
      },
      body: { message: "You are being rate limited.", retry_after: 1.337, global: bench.isGlobal },
    }),
  });
  const webhookUrl = `${service.url}/api/webhooks/42/${token}`;
  const channel = discordChannel({ name: "discord", webhookUrl, ...options });
  return Object.assign(bench, {
    channel,
    service,
    messages,
    secrets: [token],
    threads: () => (isForum ? byPost(messages) : byAlert(messages)),
    active: () => messages.flatMap(activeIn),
    breakNext: service.breakNext,
    close: service.close,
  });
}

function byPost(messages: Message[]): string[][] {
  return grouped(messages, (message) => message.channel_id);
}

/** Without threads people go by the alert's short name. */
function byAlert(messages: Message[]): string[][] {
  return grouped(messages, (message) => textOf(message).match(/alert: (\w+)/)?.[1] ?? "");
}

function grouped(messages: Message[], keyOf: (message: Message) => string): string[][] {
  const groups = new Map<string, string[]>();
  for (const message of messages) groups.set(keyOf(message), [...(groups.get(keyOf(message)) ?? []), textOf(message)]);
  return [...groups.values()];
}

function textOf({ embeds }: Message): string {
  return embeds
    .map(({ title, description }: { title: string; description: string }) => `${title}\n${description}`)
    .join("\n");
}

function faultIn({ embeds = [], thread_name, content }: Message): string | undefined {
  if (embeds.length === 0 && !content) return "Cannot send an empty message";
  for (const { title = "", description = "" } of embeds) {
    if (title.length > 256 || description.length > 4_096) return "Must be 4096 or fewer in length.";
    if (title.length + description.length > 6_000) return "Embed size exceeds maximum size of 6000";
  }
  return thread_name !== undefined && thread_name.length > 100 ? "Must be between 1 and 100 in length." : undefined;
}

/** What is left after a backslash has taken its character away: nothing of it may mean anything to Discord. */
function activeIn(message: Message): string[] {
  const text = textOf(message);
  const bare = text.replace(/\\[^\p{L}\p{N}\s]/gu, "\u2588");
  return [
    ...(bare.match(/[*_~`|<>[\]\\]/g) ?? []),
    ...(bare.match(/^\s*(?:#{1,3}|-|\+|\d+\.)\s/gm) ?? []),
    ...(bare.match(/:\w+:/g) ?? []),
    ...linkedIn(text.replaceAll("\\", "")),
    ...linkedIn(message.thread_name ?? ""),
    ...(JSON.stringify(message.allowed_mentions) === '{"parse":[]}' ? [] : ["mentions"]),
  ];
}
