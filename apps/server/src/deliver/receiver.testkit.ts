import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { isSigned, parseSecret, type WebhookHeaders } from "./signWebhook.ts";

/** A request as the receiver saw it. `signed`: by one of the secrets that it knows. */
export interface Received {
  readonly id: string;
  readonly body: string;
  readonly signed: boolean;
  readonly headers: IncomingHttpHeaders;
}

/** A webhook receiver on 127.0.0.1 that checks signatures and keeps each id once, as a good one does. */
export interface Receiver {
  readonly url: string;
  readonly port: number;
  /** Every request, repeated ones too. */
  readonly requests: Received[];
  /** Distinct ids in the order in which they were first accepted. */
  readonly accepted: string[];
  close(): Promise<void>;
}

/** Answers with what `answer` says for the n-th request (from 0): a status, or headers too, or nothing at all. */
export async function openReceiver(
  secret: string,
  answer: (
    n: number,
  ) => number | { status: number; headers?: Record<string, string>; body?: string } | "silence" = () => 204,
  port = 0,
): Promise<Receiver> {
  const requests: Received[] = [];
  const accepted: string[] = [];
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    const signed = isSigned(
      [parseSecret(secret)],
      request.headers as unknown as WebhookHeaders,
      body,
      Date.now() / 1_000,
    );
    const id = String(request.headers["webhook-id"]);
    const said = answer(requests.length);
    requests.push({ id, body, signed, headers: request.headers });
    if (said === "silence") return;
    const { status, headers = {}, body: text = "" } = typeof said === "number" ? { status: said } : said;
    const final = signed ? status : 401;
    if (final < 300 && !accepted.includes(id)) accepted.push(id);
    response.writeHead(final, headers).end(text);
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  const own = (server.address() as AddressInfo).port;
  return {
    url: `http://127.0.0.1:${own}/hook?token=hidden`,
    port: own,
    requests,
    accepted,
    close: () => closeServer(server),
  };
}

function closeServer(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}

export const secretA = `whsec_${Buffer.alloc(32, 1).toString("base64")}`;
export const secretB = `whsec_${Buffer.alloc(32, 2).toString("base64")}`;
