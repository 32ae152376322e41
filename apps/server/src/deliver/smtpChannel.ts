import { limitTime } from "@testudo/chain/rpc/limitTime";
import { cutText } from "@testudo/core/model/cutText";
import type { Severity } from "@testudo/core/model/Finding";
import type { Notice } from "@testudo/core/model/Notice";
import { bodyLines } from "./bodyLines.ts";
import { type Channel, DeliveryError, NoticeRefusedError, type Receipt, type Thread } from "./Channel.ts";
import { defang } from "./defang.ts";
import { hideSecrets } from "./hideSecrets.ts";
import { messageOf } from "./Message.ts";
import type { Rules } from "./Rules.ts";

/** Settings of mail. */
export interface SmtpOptions {
  readonly name: string;
  readonly host: string;
  /** Default 465 with `implicit` TLS, else 587. */
  readonly port?: number | undefined;
  /**
   * `starttls`: in the clear until the server has agreed to TLS, nothing is said before (default). `implicit`: TLS from the start.
   * `none`: never; only for loopback.
   */
  readonly tls?: "starttls" | "implicit" | "none" | undefined;
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  readonly from: string;
  readonly to: readonly string[];
  readonly minSeverity?: Severity;
  readonly rules?: Rules | undefined;
  /** Certificates to trust besides, as PEM; for a server with its own authority. */
  readonly ca?: string | undefined;
  /** For each step of the dialogue; all of it has six times as long. Default 20 s. */
  readonly timeoutMs?: number;
}

const defaultTimeoutMs = 20_000;
// The library's limits begin anew with each line: a server that drips lines would hold its notices for ever, and four of them the channel.
const stepsOfDialogue = 6;

/**
 * A channel that sends mail as plain text. The Message-ID is made of the notice's id and the thread of the alert's, so that what is
 * sent twice is one mail for a mailbox that knows its ids, and what follows an alert answers it. A 4xx is tried again, a 5xx
 * about the mail is refused for good; so is each recipient's: it has arrived where all have taken it, and only who has not is
 * asked again.
 */
export function smtpChannel(options: SmtpOptions): Channel {
  const { name, minSeverity = "info", rules } = options;
  // Loaded with the first such channel, and not when the alert has to leave.
  const library = import("nodemailer");
  const taken = new Map<string, ReadonlySet<string>>();
  const mostMs = (options.timeoutMs ?? defaultTimeoutMs) * stepsOfDialogue;
  const deliver = (notice: Notice, signal: AbortSignal, thread: Thread): Promise<Receipt> =>
    limitTime(mostMs, signal, (limit) => send(notice, limit, thread));
  const send = async (notice: Notice, signal: AbortSignal, thread: Thread): Promise<Receipt> => {
    const domain = options.from
      .split("@")
      .at(-1)!
      .replace(/[^A-Za-z0-9.-]/g, "");
    const id = `<${notice.id.slice(2)}@${domain}>`;
    const transport = openTransport(await library, options);
    const have: ReadonlySet<string> = taken.get(notice.id) ?? new Set();
    try {
      const left = options.to.filter((address) => !have.has(address));
      const mail = mailOf(notice, { ...options, id, root: thread.root });
      const envelope = { from: options.from, to: left };
      // By the signal it closes the connection too, which `transport.close` leaves to the server.
      const sent = await transport.sendMail({ ...mail, envelope, signal });
      if (sent.rejected.length > 0) {
        // The library writes domains in small letters.
        const accepted = new Set(sent.accepted.map((address) => address.toLowerCase()));
        const all = [...have, ...left.filter((address) => accepted.has(address.toLowerCase()))];
        noteTaken(taken, notice.id, all);
        throw new SomeRefused(sent.rejectedErrors ?? [], all.length);
      }
      taken.delete(notice.id);
      return { ...(thread.root === null ? { root: id } : {}), said: cutText(`${id} ${sent.response}`, 300) };
    } catch (error) {
      // Of a mail that somebody has, the rest is no reason to keep the others waiting.
      throw failureOf(signal.aborted ? signal.reason : error, options, taken.has(notice.id) ? "notice" : "channel");
    } finally {
      transport.close();
    }
  };
  return { name, minSeverity, ...(rules ? { rules } : {}), deliver };
}

// Those that end otherwise, as dead letters, are never asked about again.
const mostTaken = 1_000;

/** Remembers who has taken a mail. After a new start it is forgotten, and they get it twice under one Message-ID. */
function noteTaken(taken: Map<string, ReadonlySet<string>>, id: string, addresses: readonly string[]): void {
  taken.set(id, new Set(addresses));
  if (taken.size > mostTaken) taken.delete(taken.keys().next().value!);
}

/** What the server answered of one recipient. */
interface Refusal {
  readonly recipient?: string | undefined;
  readonly response?: string | undefined;
  readonly responseCode?: number | undefined;
}

/** Some have taken the mail and others have not. The code is a passing one where any is: only those are worth another attempt. */
class SomeRefused extends Error {
  readonly responseCode: number;
  constructor(refusals: readonly Refusal[], accepted: number) {
    const said = refusals.map(({ recipient, response }) => `${recipient}: ${response}`).join("; ");
    super(`not taken for ${said} (${accepted} of ${accepted + refusals.length} have it)`);
    this.responseCode = Math.min(...refusals.map(({ responseCode }) => responseCode ?? 450));
  }
}

// No mailbox takes so little, and nobody reads more.
const bodyLimit = 20_000;

interface Mailing extends SmtpOptions {
  readonly id: string;
  readonly root: string | null;
}

function mailOf(notice: Notice, { from, to, id, root }: Mailing) {
  const message = messageOf(notice);
  const headline = defang(`${message.label}: ${message.title}`, 600);
  const facts = message.facts.map(([key, value]) => `${key}: ${defang(value, 200)}`);
  const lines = [headline, "", ...bodyLines(message, bodyLimit), "", ...facts];
  // Mailboxes also gather by subject: that of an answer is the first one's, as far as it is known.
  const subject = cutText(`[testudo ${message.key}] ${headline}`, 180);
  return {
    from,
    to: [...to],
    subject,
    text: `${lines.join("\n")}\n`,
    messageId: id,
    ...(root === null || root === id ? {} : { inReplyTo: root, references: [root] }),
    headers: { "Auto-Submitted": "auto-generated", "X-Testudo-Notice": notice.id },
    ...(notice.severity === "critical" ? { priority: "high" as const } : {}),
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}

function openTransport(
  { createTransport }: typeof import("nodemailer"),
  { host, port, tls = "starttls", user, password, ca, timeoutMs = defaultTimeoutMs }: SmtpOptions,
) {
  return createTransport({
    host,
    port: port ?? (tls === "implicit" ? 465 : 587),
    secure: tls === "implicit",
    requireTLS: tls === "starttls",
    ignoreTLS: tls === "none",
    ...(user === undefined ? {} : { auth: { user, pass: password ?? "" } }),
    tls: { minVersion: "TLSv1.2", ...(ca === undefined ? {} : { ca }) },
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
}

// 450 and 451 are also how servers say "not so fast"; 421 is "not now, and nobody".
const limiting = [421, 450, 451];
const limitedRestMs = 60_000;

function failureOf(error: unknown, { host, user, password }: SmtpOptions, holds: "notice" | "channel"): Error {
  const { responseCode, code, message } = error as { responseCode?: number; code?: string; message?: string };
  const said = hideSecrets(message ?? String(error), [password ?? "", basic(user, password)]).slice(0, 300);
  const what = `Mail server ${host}${responseCode === undefined ? "" : ` answered ${responseCode}`}: ${said}`;
  const isLogin =
    code === "EAUTH" || code === "ENOAUTH" || code === "ETLS" || responseCode === 530 || responseCode === 535;
  if (isLogin) return new DeliveryError(what, { needsPerson: (responseCode ?? 500) >= 500 });
  if (responseCode !== undefined && responseCode >= 500) return new NoticeRefusedError(what);
  if (responseCode !== undefined && limiting.includes(responseCode))
    return new DeliveryError(what, { retryAfterMs: limitedRestMs, holds });
  return new DeliveryError(what, { needsPerson: code === "EDNS" });
}

/** As AUTH PLAIN spells them. */
function basic(user: string | undefined, password: string | undefined): string {
  return Buffer.from(`\0${user ?? ""}\0${password ?? ""}`).toString("base64");
}
