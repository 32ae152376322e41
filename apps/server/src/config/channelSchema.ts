import { isIP } from "node:net";
import { z } from "zod";
import { days } from "../deliver/Rules.ts";
import { address, flag, list, severity, strict, text, whole } from "./fields.ts";
import { isSecret, secretRule, secretWayOut } from "./secret.ts";

const nameError = "Allowed: a name of letters, digits, - and _.";
const channelName = z.string({ error: nameError }).regex(/^[A-Za-z0-9_-]{1,64}$/, { error: nameError });

const refError =
  'Allowed: { env: "NAME" } or { file: "path" }.\n- A secret does not stand in the configuration: put it into the environment, or into a file of mode 0600.';
const variableError = "Allowed: the name of an environment variable, letters, digits and _.";
/** A secret by where it is. */
export const secretRef = z.union(
  [
    strict({ env: z.string({ error: variableError }).regex(/^[A-Za-z_]\w{0,99}$/, { error: variableError }) }),
    strict({ file: text("a file's path") }),
  ],
  { error: refError },
);

const secretError = `${secretRule}\n- ${secretWayOut}`;
const signingSecret = z.union([z.string().min(1), secretRef], { error: secretError });

const serviceError =
  "Allowed: a URL that starts with https://, or http:// of a loopback address, without user and password.";
/** Where a service is. An alert, and a token, in the clear would be anybody's on the way. */
export const serviceUrl = z.string({ error: serviceError }).refine(isServiceUrl, { error: serviceError });

/** Whether `text` is https, or http to this machine, and names no login. */
export function isServiceUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, username, password } = new URL(text);
  if (username !== "" || password !== "") return false;
  return protocol === "https:" || (protocol === "http:" && isLoopback(hostname));
}

/** Whether `host` is this machine, whatever a name server says. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "[::1]" || host === "::1" || (isIP(host) === 4 && host.startsWith("127."));
}

const time = z
  .string({ error: 'Allowed: "HH:MM".' })
  .regex(/^([01]\d|2[0-3]):[0-5]\d$/, { error: 'Allowed: "HH:MM", from "00:00" to "23:59".' });
const zoneError = 'Allowed: an IANA time zone, such as "Europe/Berlin" or "UTC".';
const timeZone = z.string({ error: zoneError }).refine(isTimeZone, { error: zoneError });
const hours = strict({
  from: time,
  to: time,
  days: list(z.enum(days, { error: `Allowed: ${days.join(", ")}.` }), 1, 7, "days").optional(),
  timeZone,
});

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

const filters = {
  subjects: list(address, 1, 256, "addresses").optional(),
  owners: list(text("an owner's name"), 1, 64, "owners").optional(),
};
const common = {
  name: channelName.optional(),
  minSeverity: severity.default("info"),
  ...filters,
  hours: hours.optional(),
  foldAfter: whole(0, 1_000, "messages").optional(),
};
const baseUrl = serviceUrl.optional();

const mailError = "Allowed: a mail address.";
const mail = z.string({ error: mailError }).regex(/^[^\s@<>,;"]+@[A-Za-z0-9.-]+$/, { error: mailError });
const senderError = 'Allowed: a mail address, or "Name <address>".';
const sender = z
  .string({ error: senderError })
  .regex(/^([\p{L}\p{N} ._-]+ <[^\s@<>,;"]+@[A-Za-z0-9.-]+>|[^\s@<>,;"]+@[A-Za-z0-9.-]+)$/u, { error: senderError });

const hostError = 'Allowed: a mail server\'s name or IP address, such as "mail.example.org", without scheme and port.';
const mailHost = z
  .string({ error: hostError })
  .max(253, { error: hostError })
  .regex(/^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$|^[0-9a-fA-F:.]+$/, { error: hostError });

const webhook = strict({
  type: z.literal("webhook"),
  ...common,
  url: serviceUrl,
  secrets: list(signingSecret, 1, 2, "signing secrets"),
  format: z
    .enum(["standard", "cloudevents", "oz-monitor"], { error: "Allowed: standard, cloudevents, oz-monitor." })
    .optional(),
}).superRefine(({ secrets, format }, context) => {
  if (format === "oz-monitor" && secrets.length > 1)
    context.addIssue({ code: "custom", path: ["secrets"], message: "Allowed: one secret with oz-monitor." });
  secrets.forEach((secret, i) => {
    if (format !== "oz-monitor" && typeof secret === "string" && !isSecret(secret))
      context.addIssue({ code: "custom", path: ["secrets", i], message: secretError });
  });
});

const smtp = strict({
  type: z.literal("smtp"),
  ...common,
  host: mailHost,
  port: whole(1, 65_535).optional(),
  tls: z.enum(["starttls", "implicit", "none"], { error: "Allowed: starttls, implicit, none." }).optional(),
  user: text("a login").optional(),
  password: secretRef.optional(),
  from: sender,
  to: list(mail, 1, 50, "mail addresses"),
  caFile: text("a PEM file's path").optional(),
}).superRefine(({ tls, host, user, password }, context) => {
  if (tls === "none" && !isLoopback(host))
    context.addIssue({ code: "custom", path: ["tls"], message: "Allowed: none only for a server on this machine." });
  if ((user === undefined) !== (password === undefined))
    context.addIssue({
      code: "custom",
      path: ["password"],
      message: "Allowed: user and password together, or neither.",
    });
});

const room = z.string({ error: 'Allowed: a room\'s id, such as "C012AB3CD".' }).regex(/^[CGD][A-Z0-9]{6,20}$/, {
  error: 'Allowed: a room\'s id, such as "C012AB3CD"; its details in Slack show it.',
});
const chatError = 'Allowed: a chat\'s number, such as -1001234567890, or "@name".';
const chat = z.union([z.int(), z.string().regex(/^(-?\d{1,20}|@\w{4,64})$/)], { error: chatError }).transform(String);
const repositoryError = 'Allowed: a repository as "owner/name".';
const repository = z
  .string({ error: repositoryError })
  .regex(/^[\w.-]{1,100}\/[\w.-]{1,100}$/, { error: repositoryError });

/** Every kind of channel. */
export const channelSchema = z.discriminatedUnion(
  "type",
  [
    webhook,
    strict({ type: z.literal("terminal"), ...common }),
    strict({
      type: z.literal("slack"),
      ...common,
      token: secretRef,
      room,
      signingSecret: secretRef.optional(),
      baseUrl,
    }),
    strict({ type: z.literal("discord"), ...common, webhookUrl: secretRef, forum: flag.optional() }),
    strict({
      type: z.literal("telegram"),
      ...common,
      token: secretRef,
      chat,
      topic: whole(1, 2_147_483_647).optional(),
      baseUrl,
    }),
    strict({ type: z.literal("pagerduty"), ...common, routingKey: secretRef, baseUrl }),
    strict({ type: z.literal("opsgenie"), ...common, apiKey: secretRef, baseUrl }),
    smtp,
    strict({
      type: z.literal("script"),
      ...common,
      command: list(text("a program's path or an argument"), 1, 64, "words"),
      env: list(text("the name of an environment variable"), 1, 64, "names").optional(),
      timeoutSeconds: whole(1, 300, "s").optional(),
    }),
    strict({
      type: z.literal("github"),
      ...common,
      token: secretRef,
      repository,
      label: text("a label").max(50, { error: "Allowed: a label of at most 50 characters." }).optional(),
      baseUrl,
    }),
  ],
  {
    error:
      'Allowed: { type: "webhook", url, secrets }, { type: "terminal" }, or a type of slack, discord, telegram, pagerduty, opsgenie, smtp, script, github (docs/requirements/channels.md).',
  },
);

/** Who is told when nobody acknowledges. */
export const escalationSchema = strict({
  afterMinutes: whole(1, 10_080, "minutes"),
  minSeverity: severity.default("critical"),
  ...filters,
  to: list(channelName, 1, 32, "channel names"),
});

/** A channel with its defaults, and its name. */
export type ChannelSettings = z.output<typeof channelSchema> & { readonly name: string };
export type EscalationSettings = z.output<typeof escalationSchema>;
