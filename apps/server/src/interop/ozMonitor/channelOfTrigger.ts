import type { OzSecret, OzTrigger } from "./OzMonitor.ts";
import { sourceOfSecret } from "./sourceOfSecret.ts";

/** A trigger as a line of `channels`; `isOn` false where this program has no such channel, or the line needs a hand. */
export interface ImportedChannel {
  readonly code: string;
  readonly isOn: boolean;
}

/**
 * The channel that says what trigger `id` said. Its message is not taken over: ours says what was found, and text from the
 * chain stays escaped. A secret that stood in the file does not go into the configuration.
 */
export function channelOfTrigger(
  id: string,
  trigger: OzTrigger,
  tell: (part: string, what: string) => void,
): ImportedChannel {
  const config = trigger.config as { readonly [key: string]: unknown };
  const name = id.replace(/[^A-Za-z0-9_-]/g, "_").slice(0, 64);
  const shown = JSON.stringify(name);
  const secret = (key: string) =>
    secretName(config[key], `${name}_${key}`, (what) => tell(`${id}.config.${key}`, what));
  if (config.message !== undefined)
    tell(`${id}.config.message`, "The message is not taken over: alerts say what was found in our own words.");
  if (config.retry_policy !== undefined)
    tell(`${id}.config.retry_policy`, "Retries are our own: a day, with growing pauses.");
  switch (trigger.trigger_type) {
    case "webhook": {
      for (const key of ["method", "headers", "payload_mode"])
        if (config[key] !== undefined && config[key] !== "POST")
          tell(`${id}.config.${key}`, "Webhooks are POST with our own headers and body.");
      const variable = `${name.toUpperCase().replaceAll("-", "_")}_SECRET`;
      tell(
        `${id}.config.secret`,
        `Signed as Standard Webhooks say: set ${variable} to a secret of the form whsec_…, and let the receiver check it.`,
      );
      const url = sourceOfSecret(config.url as OzSecret, (what) => tell(`${id}.config.url`, what));
      return {
        code: `{ type: "webhook", name: ${shown}, url: ${url.code}, secrets: [env("${variable}")] }`,
        isOn: true,
      };
    }
    case "discord":
      return offLine(id, `{ type: "discord", name: ${shown}, webhookUrl: { env: "${secret("discord_url")}" } }`, tell);
    case "telegram": {
      const chat = JSON.stringify(String(config.chat_id ?? ""));
      return offLine(
        id,
        `{ type: "telegram", name: ${shown}, token: { env: "${secret("token")}" }, chat: ${chat} }`,
        tell,
      );
    }
    case "email": {
      const {
        host = "",
        sender = "",
        recipients = [],
        port = 465,
      } = config as { host?: string; sender?: string; recipients?: string[]; port?: number };
      const user = sourceOfSecret((config.username ?? "") as OzSecret, () => undefined);
      const code = `{ type: "smtp", name: ${shown}, host: ${JSON.stringify(host)}, port: ${Number(port)}, user: ${user.code}, password: { env: "${secret("password")}" }, from: ${JSON.stringify(sender)}, to: ${JSON.stringify(recipients)} }`;
      return offLine(id, code, tell);
    }
    case "slack":
      tell(id, "A Slack webhook cannot answer in threads: make a bot, and give its token and the room's id.");
      return offLine(id, `{ type: "slack", name: ${shown}, token: { env: "SLACK_TOKEN" }, room: "C…" }`, tell);
    default:
      tell(
        id,
        `A trigger of type "${trigger.trigger_type}" has no counterpart${trigger.trigger_type === "script" ? ": scripts are not run" : ""}.`,
      );
      return { code: `trigger ${shown} of type ${JSON.stringify(trigger.trigger_type)}`, isOn: false };
  }
}

function offLine(id: string, code: string, tell: (part: string, what: string) => void): ImportedChannel {
  tell(id, "Its channel stands in the configuration as a comment: look at it and switch it on.");
  return { code, isOn: false };
}

function secretName(value: unknown, fallback: string, tell: (what: string) => void): string {
  const own = fallback.toUpperCase().replace(/\W/g, "_");
  if (value === undefined) return own;
  const { variable } = sourceOfSecret(value as OzSecret, tell);
  if (variable !== undefined) return variable;
  tell(`The secret stood in the file and is not written again: put it into the environment as ${own}.`);
  return own;
}
