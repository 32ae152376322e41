// A mail server on 127.0.0.1: STARTTLS or TLS from the start, AUTH, and the answers of RFC 5321 that it is told to give.
import type { Socket } from "node:net";
import { SMTPServer } from "smtp-server";
import type { ChannelBench } from "./channelSuite.testkit.ts";
import { linkedIn } from "./nastyText.testkit.ts";
import type { Fault } from "./service.testkit.ts";
import { type SmtpOptions, smtpChannel } from "./smtpChannel.ts";
import { testCertificate } from "./testCertificate.testkit.ts";

const user = "alerts";
const password = "correct horse battery staple";

/** A mail as a mailbox has it; of several with one Message-ID it keeps the first. */
export interface Mail {
  readonly id: string;
  readonly inReplyTo: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly subject: string;
  readonly text: string;
  readonly recipients: readonly string[];
  readonly isSecure: boolean;
}

export interface SmtpBench extends ChannelBench {
  readonly mails: Mail[];
  /** What the next command DATA, RCPT or AUTH is answered with. */
  refuse: { readonly at: "data" | "rcpt" | "auth"; readonly code: number; readonly text: string } | undefined;
  /** The answers to RCPT for single addresses. */
  readonly refusedFor: Map<string, { readonly code: number; readonly text: string }>;
}

export async function openSmtpBench(
  options: Partial<SmtpOptions> = {},
  server: { readonly hasTls?: boolean; readonly name?: string } = {},
): Promise<SmtpBench> {
  const { hasTls = true } = server;
  const mails: Mail[] = [];
  const faults: Fault[] = [];
  const sockets = new Set<Socket>();
  const bench = { refuse: undefined as SmtpBench["refuse"], refusedFor: new Map() as SmtpBench["refusedFor"] };
  const refusal = (at: string) => {
    if (bench.refuse?.at !== at) return undefined;
    const { code, text } = bench.refuse;
    return Object.assign(new Error(text), { responseCode: code });
  };
  const smtp = new SMTPServer({
    secure: options.tls === "implicit",
    ...testCertificate,
    disabledCommands: hasTls ? [] : ["STARTTLS"],
    allowInsecureAuth: options.tls === "none",
    authOptional: options.user === undefined && "user" in options,
    logger: false,
    onAuth(auth, _, callback) {
      const error = refusal("auth");
      if (error) return callback(error);
      if (auth.username !== user || auth.password !== password) return callback(new Error(`Invalid ${auth.password}`));
      callback(null, { user });
    },
    onRcptTo({ address }, _, callback) {
      const own = bench.refusedFor.get(address);
      callback(own ? Object.assign(new Error(own.text), { responseCode: own.code }) : (refusal("rcpt") ?? null));
    },
    onData(stream, session, callback) {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("end", () => {
        const fault = faults.shift();
        const mail = parseMail(Buffer.concat(chunks).toString("utf8"));
        const recipients = session.envelope.rcptTo.map(({ address }) => address);
        const keep = () => {
          if (!mails.some(({ id }) => id === mail.id)) mails.push({ ...mail, recipients, isSecure: session.secure });
        };
        if (fault === "silence") return;
        if (fault === "lost-answer") {
          keep();
          for (const socket of sockets) socket.destroy();
          return;
        }
        const said = { outage: 452, "rate-limit": 451, echo: 421 }[fault as "outage"];
        if (said !== undefined)
          return callback(
            Object.assign(new Error(`4.3.2 not now ${fault === "echo" ? password : ""}`), { responseCode: said }),
          );
        const error = refusal("data");
        if (error) return callback(error);
        keep();
        callback(null, "2.0.0 taken");
      });
    },
  });
  smtp.on("error", () => {});
  smtp.server.on("connection", (socket: Socket) => sockets.add(socket));
  await new Promise<void>((resolve) => smtp.listen(0, "127.0.0.1", () => resolve()));
  const { port } = smtp.server.address() as { port: number };
  const channel = smtpChannel({
    name: "mail",
    host: server.name ?? "localhost",
    port,
    user,
    password,
    from: "Testudo <alerts@testudo.example>",
    to: ["oncall@testudo.example"],
    ca: testCertificate.cert,
    ...options,
  });
  return Object.assign(bench, {
    channel,
    mails,
    secrets: [password, Buffer.from(`\0${user}\0${password}`).toString("base64")],
    threads: () =>
      mails
        .filter(({ inReplyTo }) => inReplyTo === undefined)
        .map((root) =>
          [root, ...mails.filter(({ inReplyTo }) => inReplyTo === root.id)].map((m) => `${m.subject}\n${m.text}`),
        ),
    active: () => mails.flatMap(activeIn),
    breakNext: (fault: Fault) => void faults.push(fault),
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise<void>((resolve) => smtp.close(() => resolve()));
    },
  });
}

const known = new Set([
  ...["from", "to", "subject", "message-id", "in-reply-to", "references", "date", "mime-version", "content-type"],
  ...[
    "content-transfer-encoding",
    "auto-submitted",
    "x-testudo-notice",
    "x-priority",
    "x-msmail-priority",
    "importance",
  ],
]);

function activeIn({ headers, subject, text }: Mail): string[] {
  return [
    ...Object.keys(headers).filter((name) => !known.has(name)),
    ...(/^text\/plain/.test(headers["content-type"] ?? "") ? [] : ["no plain text"]),
    ...(headers.to === "oncall@testudo.example" ? [] : [`to ${headers.to}`]),
    ...linkedIn(subject),
    ...linkedIn(text),
  ];
}

function parseMail(raw: string): Omit<Mail, "recipients" | "isSecure"> {
  const [head = "", ...rest] = raw.split("\r\n\r\n");
  const headers: Record<string, string> = {};
  for (const line of head.replace(/\r\n[ \t]+/g, " ").split("\r\n")) {
    const [, name, value] = line.match(/^([^:]+):\s*(.*)$/) ?? [];
    if (name !== undefined) headers[name.toLowerCase()] = value!;
  }
  const body = rest.join("\r\n\r\n");
  const text = decodeBody(body, headers["content-transfer-encoding"] ?? "7bit").replaceAll("\r\n", "\n");
  return {
    headers,
    id: headers["message-id"]!,
    inReplyTo: headers["in-reply-to"],
    subject: decodeWords(headers.subject ?? ""),
    text,
  };
}

function decodeBody(body: string, encoding: string): string {
  if (encoding === "base64") return Buffer.from(body, "base64").toString("utf8");
  return encoding === "quoted-printable" ? decodeQuoted(body.replace(/=\r\n/g, "")) : body;
}

function decodeQuoted(text: string): string {
  const bytes = text.replace(/=([0-9A-F]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, "latin1").toString("utf8");
}

/** RFC 2047. */
function decodeWords(text: string): string {
  const joined = text.replace(/\?=\s+=\?/g, "?==?");
  const words = joined.replace(/=\?utf-8\?([QB])\?([^?]*)\?=/gi, (_, kind: string, inner: string) =>
    kind.toUpperCase() === "B"
      ? Buffer.from(inner, "base64").toString("latin1")
      : Buffer.from(decodeQuoted(inner.replaceAll("_", " ")), "utf8").toString("latin1"),
  );
  return words === text ? text : Buffer.from(words, "latin1").toString("utf8");
}
