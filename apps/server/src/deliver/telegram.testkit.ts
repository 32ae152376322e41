// Telegram's Bot API as its documentation has it: ok, error_code, description, parameters; HTML with few tags; replies.
import type { ChannelBench } from "./channelSuite.testkit.ts";
import { linkedIn } from "./nastyText.testkit.ts";
import { type Asked, openService, type Reply, type Service } from "./service.testkit.ts";
import { type TelegramOptions, telegramChannel } from "./telegramChannel.ts";

const token = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw";

// biome-ignore lint/suspicious/noExplicitAny: messages are foreign JSON
type Message = { message_id: number; chat_id: string } & Record<string, any>;

export interface TelegramBench extends ChannelBench {
  readonly service: Service;
  readonly messages: Message[];
  refusal: Reply | undefined;
  /** The group has become a supergroup of this number. */
  movedTo: number | undefined;
}

export async function openTelegramBench(options: Partial<TelegramOptions> = {}): Promise<TelegramBench> {
  const messages: Message[] = [];
  const bench = { refusal: undefined as Reply | undefined, movedTo: undefined as number | undefined };
  const no = (status: number, description: string, parameters?: object): Reply => ({
    status,
    body: { ok: false, error_code: status, description, ...(parameters ? { parameters } : {}) },
  });
  const handle = ({ path, json }: Asked): Reply => {
    if (bench.refusal !== undefined) return bench.refusal;
    if (path !== `/bot${token}/sendMessage`) return no(401, "Unauthorized");
    if (bench.movedTo !== undefined && json.chat_id !== String(bench.movedTo))
      return no(400, "Bad Request: group chat was upgraded to a supergroup chat", {
        migrate_to_chat_id: bench.movedTo,
      });
    const parsed = parseHtml(json.text);
    if (parsed === undefined) return no(400, "Bad Request: can't parse entities");
    if (parsed.text.length > 4_096) return no(400, "Bad Request: message is too long");
    if (parsed.text.trim() === "") return no(400, "Bad Request: message text is empty");
    const reply = json.reply_parameters;
    const isThere = messages.some((m) => m.message_id === reply?.message_id && m.chat_id === json.chat_id);
    if (reply !== undefined && !isThere && reply.allow_sending_without_reply !== true)
      return no(400, "Bad Request: message to be replied not found");
    const message: Message = {
      ...json,
      message_id: messages.length + 1,
      answers: isThere ? reply.message_id : undefined,
    };
    messages.push(message);
    const result = { message_id: message.message_id, chat: { id: Number(json.chat_id) }, text: parsed.text };
    return { status: 200, body: { ok: true, result } };
  };
  const service = await openService(handle, {
    rateLimited: () => no(429, "Too Many Requests: retry after 7", { retry_after: 7 }),
  });
  const channel = telegramChannel({ name: "telegram", token, chat: "-100", baseUrl: `${service.url}/`, ...options });
  return Object.assign(bench, {
    channel,
    service,
    messages,
    secrets: [token, token.split(":")[1]!],
    threads: () =>
      messages
        .filter(({ answers }) => answers === undefined)
        .map((root) =>
          [root, ...messages.filter(({ answers }) => answers === root.message_id)].map(
            ({ text }) => parseHtml(text)!.text,
          ),
        ),
    active: () => messages.flatMap(activeIn),
    breakNext: service.breakNext,
    close: service.close,
  });
}

/** The text as people see it, and what of it stands outside of <code>; undefined for what Telegram cannot parse. */
function parseHtml(html: string): { text: string; outside: string } | undefined {
  const open: string[] = [];
  let text = "";
  let outside = "";
  for (const [token, name] of html.matchAll(/<\/?([^>]*)>|&(?:\w+|#\w+);|[^<&]+|[<&]/g)) {
    if (name !== undefined) {
      if (!["b", "code", "pre"].includes(name)) return undefined;
      if (!token.startsWith("</")) open.push(name);
      else if (open.pop() !== name) return undefined;
      continue;
    }
    const entities: Record<string, string> = { "&lt;": "<", "&gt;": ">", "&amp;": "&", "&quot;": '"' };
    const plain = token.startsWith("&") || token === "<" ? entities[token] : token;
    if (plain === undefined) return undefined;
    text += plain;
    if (!open.includes("code") && !open.includes("pre")) outside += plain;
  }
  return open.length > 0 ? undefined : { text, outside };
}

function activeIn({ text, link_preview_options, parse_mode }: Message): string[] {
  const { text: all, outside } = parseHtml(text)!;
  return [
    ...linkedIn(all),
    ...(outside.match(/[#/$][\p{L}\p{N}_]/gu) ?? []),
    ...(link_preview_options?.is_disabled === true && parse_mode === "HTML" ? [] : ["preview"]),
  ];
}
