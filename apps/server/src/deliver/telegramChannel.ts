import type { Severity } from "@testudo/core/model/Finding";
import type { Notice } from "@testudo/core/model/Notice";
import { type Channel, DeliveryError, NoticeRefusedError, type Receipt, type Thread } from "./Channel.ts";
import { callService, type ServiceAnswer } from "./callService.ts";
import type { Rules } from "./Rules.ts";
import { serviceKey } from "./serviceKey.ts";
import { telegramText } from "./telegramText.ts";

/** Settings of a Telegram channel. */
export interface TelegramOptions {
  readonly name: string;
  /** The bot's token, `123456:ABC…`. It stands in the path of every request. */
  readonly token: string;
  /** A chat's number, or `@name` of a public one. */
  readonly chat: string;
  /** The topic of a forum. */
  readonly topic?: number | undefined;
  readonly minSeverity?: Severity;
  readonly rules?: Rules | undefined;
  /** Default https://api.telegram.org/. */
  readonly baseUrl?: string | undefined;
  readonly timeoutMs?: number;
}

/**
 * A channel that lets a bot write to a chat: what follows an alert answers its first message. A bot cannot read what it has sent,
 * so that a lost answer may show a message twice. A group that became a supergroup is followed to its new number.
 */
export function telegramChannel(options: TelegramOptions): Channel {
  const { name, token, minSeverity = "info", rules } = options;
  let { chat } = options;
  const deliver = async (notice: Notice, signal: AbortSignal, thread: Thread): Promise<Receipt> => {
    const [, root] = thread.root?.split(":") ?? [];
    const message = {
      text: telegramText(notice),
      parse_mode: "HTML",
      link_preview_options: { is_disabled: true },
      disable_notification: notice.severity === "info" || notice.severity === "low",
      ...(options.topic === undefined ? {} : { message_thread_id: options.topic }),
      // Somebody may have deleted the first message.
      ...(root === undefined
        ? {}
        : { reply_parameters: { message_id: Number(root), allow_sending_without_reply: true } }),
    };
    let answer = await send(options, { ...message, chat_id: chat }, signal);
    const moved = answer.json?.parameters?.migrate_to_chat_id;
    if (answer.json?.ok === false && moved !== undefined) {
      chat = String(moved);
      // Replies do not reach over the move.
      const { reply_parameters: _, ...rest } = message as Record<string, unknown>;
      answer = await send(options, { ...rest, chat_id: chat }, signal);
    }
    const id = messageIdIn(answer);
    const place = `${answer.json.result.chat?.id ?? chat}:${id}`;
    return { ...(root === undefined || moved !== undefined ? { root: place } : {}), said: place };
  };
  return { name, minSeverity, service: serviceKey("telegram", token), ...(rules ? { rules } : {}), deliver };
}

function send(
  { token, baseUrl = "https://api.telegram.org/", timeoutMs }: TelegramOptions,
  body: object,
  signal: AbortSignal,
): Promise<ServiceAnswer> {
  const url = new URL(baseUrl);
  url.pathname = `${url.pathname.replace(/\/$/, "")}/bot${token}/sendMessage`;
  // Both halves: the part after the colon is the key.
  const secrets = [token, token.split(":")[1] ?? token];
  return callService({ url, body, signal, timeoutMs, secrets, readBytes: 65_536 });
}

const defaultRestMs = 5_000;
const ofTheText =
  /can't parse|message is too long|message_too_long|text is empty|text must be non-empty|entity_|entities/;

function messageIdIn({ status, json, what }: ServiceAnswer): number {
  const id = json?.ok === true ? json.result?.message_id : undefined;
  if (typeof id === "number") return id;
  const seconds = Number(json?.parameters?.retry_after);
  if (status === 429 || json?.error_code === 429)
    throw new DeliveryError(what, { retryAfterMs: seconds > 0 ? seconds * 1_000 : defaultRestMs, holds: "channel" });
  const description = String(json?.description ?? "").toLowerCase();
  // A text that is not understood stays what it is. All else is about the chat, the topic or what the bot may do there, in words
  // that come and go: a person can mend it.
  if (status === 400 && ofTheText.test(description)) throw new NoticeRefusedError(what);
  throw new DeliveryError(what, { needsPerson: [400, 401, 403, 404].includes(status) });
}
