import { channelSchema } from "../../config/channelSchema.ts";
import { literalOf } from "../../config/literalOf.ts";
import type { OzTrigger } from "./OzMonitor.ts";
import { codeOfUrl, sourceOfSecret, variableOfSecret } from "./sourceOfSecret.ts";
import { variableOf } from "./variableOf.ts";

/**
 * A trigger as a line of `channels`; `isOn` false where this program has no such channel, or the line is not complete. Such a
 * line becomes a comment and holds nothing of the file.
 */
export interface ImportedChannel {
  readonly code: string;
  readonly isOn: boolean;
}

/** A trigger, the name of its channel, and whose findings go there; undefined: everybody's. */
export interface ChannelSource {
  readonly id: string;
  readonly name: string;
  readonly value: OzTrigger;
  readonly owners: readonly string[] | undefined;
}

/**
 * The channel `name`, which says what trigger `id` said. Its message is not taken over: ours says what was found, and text from the
 * chain stays escaped. A secret that stood in the file does not go into the configuration.
 */
export function channelOfTrigger(
  { id, name, value: trigger, owners }: ChannelSource,
  tell: (part: string, what: string) => void,
): ImportedChannel {
  const config = trigger.config as { readonly [key: string]: unknown };
  const own = (key: string) => variableOf(`${name}_${key}`);
  const secret = (key: string) => variableOfSecret(config[key], own(key), (what) => tell(`${id}.config.${key}`, what));
  if (config.message !== undefined)
    tell(`${id}.config.message`, "The message is not taken over: alerts say what was found in our own words.");
  if (config.retry_policy !== undefined)
    tell(`${id}.config.retry_policy`, "Retries are our own: a day, with growing pauses.");
  switch (trigger.trigger_type) {
    case "webhook": {
      for (const key of ["method", "headers", "payload_mode"])
        if (config[key] !== undefined && config[key] !== "POST")
          tell(`${id}.config.${key}`, "Webhooks are POST with our own headers and body.");
      const variable = own("secret");
      tell(
        `${id}.config.secret`,
        `Signed as Standard Webhooks say: set ${variable} to a secret of the form whsec_…, and let the receiver check it.`,
      );
      const url = codeOfUrl(config.url, own("url"), (what) => tell(`${id}.config.url`, what));
      return {
        code: `{ type: "webhook", name: ${literalOf(name)}, url: ${url}, secrets: [env("${variable}")]${fieldOf(owners)} }`,
        isOn: true,
      };
    }
    case "discord":
      return lineOf(id, { type: "discord", name, webhookUrl: { env: secret("discord_url") }, owners }, tell);
    case "telegram":
      return lineOf(
        id,
        { type: "telegram", name, token: { env: secret("token") }, chat: config.chat_id, owners },
        tell,
      );
    case "email": {
      const { host, sender, recipients, port = implicitTls } = config;
      const user = sourceOfSecret(config.username, own("username"), (what) => tell(`${id}.config.username`, what));
      const channel = {
        type: "smtp" as const,
        name,
        host,
        port,
        ...(port === implicitTls ? { tls: "implicit" } : {}),
        user: "plain" in user ? user.plain : new EnvCode(user.variable),
        password: { env: secret("password") },
        from: sender,
        to: recipients,
        owners,
      };
      return lineOf(id, channel, tell);
    }
    case "slack":
      tell(id, "A Slack webhook cannot answer in threads: make a bot, and give its token and the room's id.");
      return switchedOff(id, "slack", owners, tell);
    case "script":
      tell(id, 'A trigger of type "script" has no counterpart: scripts are not run.');
      return { code: 'A trigger of type "script" has no counterpart.', isOn: false };
    default:
      tell(id, `A trigger of type ${literalOf(trigger.trigger_type)} has no counterpart.`);
      return { code: "A trigger of another type has no counterpart.", isOn: false };
  }
}

// The port whose connections are encrypted from their first byte, and that monitor's default.
const implicitTls = 465;

/** A value that only a run of the configuration knows. */
class EnvCode {
  readonly code: string;
  constructor(variable: string) {
    this.code = `env(${literalOf(variable)})`;
  }
}

/** `channel` as a line that is on where the configuration's own schema takes it, and else as one for a person to complete. */
function lineOf(
  id: string,
  channel: {
    readonly type: keyof typeof templates;
    readonly owners: readonly string[] | undefined;
    readonly [field: string]: unknown;
  },
  tell: (part: string, what: string) => void,
): ImportedChannel {
  const tried = Object.entries(channel).map(([key, value]) => [
    key,
    value instanceof EnvCode ? "from the environment" : value,
  ]);
  const isOn = channelSchema.safeParse(Object.fromEntries(tried)).success;
  return isOn ? { code: codeOf(channel), isOn } : switchedOff(id, channel.type, channel.owners, tell);
}

const templates = {
  discord: '{ type: "discord", webhookUrl: { env: "DISCORD_URL" } },',
  slack: '{ type: "slack", token: { env: "SLACK_TOKEN" }, room: "C…" },',
  smtp: '{ type: "smtp", host: "…", user: "…", password: { env: "MAIL_PASSWORD" }, from: "…", to: ["…"] },',
  telegram: '{ type: "telegram", token: { env: "TELEGRAM_TOKEN" }, chat: "-100…" },',
} as const;

function switchedOff(
  id: string,
  type: keyof typeof templates,
  owners: readonly string[] | undefined,
  tell: (part: string, what: string) => void,
): ImportedChannel {
  tell(id, "Its channel stands in the configuration as a comment: complete it and switch it on.");
  return { code: templates[type].replace(/ \},$/, `${fieldOf(owners)} },`), isOn: false };
}

/** Names of owners are made here, of letters, digits and hyphens alone. */
function fieldOf(owners: readonly string[] | undefined): string {
  return owners === undefined ? "" : `, owners: ${codeOf(owners)}`;
}

/** `value`, whose keys are ours, as code. */
function codeOf(value: unknown): string {
  if (value instanceof EnvCode) return value.code;
  if (typeof value === "string") return literalOf(value);
  if (Array.isArray(value)) return `[${value.map(codeOf).join(", ")}]`;
  if (value === null || typeof value !== "object") return String(value);
  const fields = Object.entries(value).flatMap(([key, each]) =>
    each === undefined ? [] : [`${key}: ${codeOf(each)}`],
  );
  return `{ ${fields.join(", ")} }`;
}
