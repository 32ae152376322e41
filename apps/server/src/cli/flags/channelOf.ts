// From the settings of a channel to the channel: here secrets are read, and nowhere else.
import { readFileSync } from "node:fs";
import type { SecretRef } from "../../config/ChannelConfig.ts";
import type { ChannelSettings } from "../../config/channelSchema.ts";
import { readSecret } from "../../config/readSecret.ts";
import { isSecret, secretRule, secretWayOut } from "../../config/secret.ts";
import { UsageError } from "../../config/UsageError.ts";
import type { Channel } from "../../deliver/Channel.ts";
import { discordChannel } from "../../deliver/discordChannel.ts";
import { githubChannel } from "../../deliver/githubChannel.ts";
import { opsgenieChannel } from "../../deliver/opsgenieChannel.ts";
import { pagerDutyChannel } from "../../deliver/pagerDutyChannel.ts";
import type { Rules } from "../../deliver/Rules.ts";
import { scriptChannel } from "../../deliver/scriptChannel.ts";
import { slackChannel } from "../../deliver/slackChannel.ts";
import { smtpChannel } from "../../deliver/smtpChannel.ts";
import { telegramChannel } from "../../deliver/telegramChannel.ts";
import { terminalChannel } from "../../deliver/terminalChannel.ts";
import { webhookChannel } from "../../deliver/webhookChannel.ts";

/** The channel that `settings` describe. Throws SecretMissing, FileExposed or UsageError where its secrets are not in order. */
export function channelOf(settings: ChannelSettings): Channel {
  return { ...bare(settings), rules: rulesOf(settings) };
}

/** The signing secrets of Slack channels with a button. */
export function slackSecretsOf(channels: readonly ChannelSettings[]): readonly string[] {
  return channels.flatMap((channel) =>
    channel.type === "slack" && channel.signingSecret !== undefined
      ? [readSecret(channel.signingSecret, `signing secret of channel "${channel.name}"`)]
      : [],
  );
}

function bare(settings: ChannelSettings): Channel {
  const { name, minSeverity } = settings;
  const secret = (ref: SecretRef, what: string) => readSecret(ref, `${what} of channel "${name}"`);
  switch (settings.type) {
    case "webhook":
      return webhookChannel({
        ...settings,
        secrets: signingSecrets(settings),
      });
    case "terminal":
      return terminal(settings);
    case "slack": {
      const { room, signingSecret, baseUrl } = settings;
      const token = secret(settings.token, "token");
      return slackChannel({ name, minSeverity, token, room, hasButton: signingSecret !== undefined, baseUrl });
    }
    case "discord":
      return discordChannel({
        name,
        minSeverity,
        webhookUrl: assertWebhook(name, secret(settings.webhookUrl, "webhook's URL")),
        isForum: settings.forum ?? false,
      });
    case "telegram":
      return telegramChannel({ ...settings, token: secret(settings.token, "token") });
    case "pagerduty":
      return pagerDutyChannel({ ...settings, routingKey: secret(settings.routingKey, "routing key") });
    case "opsgenie":
      return opsgenieChannel({ ...settings, apiKey: secret(settings.apiKey, "API key") });
    case "smtp": {
      const { caFile, password, ...rest } = settings;
      return smtpChannel({
        ...rest,
        password: password && secret(password, "password"),
        ca: caFile === undefined ? undefined : readFileSync(caFile, "utf8"),
      });
    }
    case "script": {
      const { timeoutSeconds = 30, env = [] } = settings;
      const command = settings.command as [string, ...string[]];
      return scriptChannel({ name, minSeverity, command, env, timeoutMs: timeoutSeconds * 1_000 });
    }
    case "github":
      return githubChannel({
        ...settings,
        token: secret(settings.token, "token"),
      });
    default:
      return never(settings);
  }
}

/** Prints to standard output. */
export function terminal({ name, minSeverity }: Pick<ChannelSettings, "name" | "minSeverity">): Channel {
  return terminalChannel({
    name,
    minSeverity,
    write: (text) => void process.stdout.write(`${overProgress()}${text}`),
    columns: () => process.stdout.columns,
  });
}

// On a terminal the progress of the history stands in an unfinished line, which an alert has to take over.
function overProgress(): string {
  return process.stdout.isTTY && process.stderr.isTTY ? "\r\u001b[K" : "";
}

// A program reads every id; people read ten messages a minute.
const forPrograms: readonly ChannelSettings["type"][] = ["webhook", "script", "terminal"];
const readableAMinute = 10;

function rulesOf({ type, subjects, owners, hours, foldAfter }: ChannelSettings): Rules {
  return { subjects, owners, hours, foldAfter: foldAfter ?? (forPrograms.includes(type) ? 0 : readableAMinute) };
}

function signingSecrets(settings: ChannelSettings & { type: "webhook" }): readonly string[] {
  return settings.secrets.map((given) => {
    const secret = typeof given === "string" ? given : readSecret(given, `secret of channel "${settings.name}"`);
    if (settings.format === "oz-monitor" || isSecret(secret)) return secret;
    throw new UsageError(`The secret of channel "${settings.name}" cannot sign.`, secretRule, secretWayOut);
  });
}

function assertWebhook(name: string, url: string): string {
  const { protocol, hostname } = URL.canParse(url) ? new URL(url) : { protocol: "", hostname: "" };
  const isLocal = ["127.0.0.1", "localhost", "[::1]"].includes(hostname);
  if (protocol === "https:" || (protocol === "http:" && isLocal)) return url;
  throw new UsageError(
    `The webhook's URL of channel "${name}" is none (it is not shown, for it is a secret).`,
    "Allowed: https://discord.com/api/webhooks/…",
    "Copy it from the settings of the room, under Integrations.",
  );
}

function never(settings: never): never {
  throw new TypeError(`There is no channel of type "${(settings as ChannelSettings).type}".`);
}
