// A receiver as its owner would write it from the text of Standard Webhooks; it shares no line with the sender.
import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

/** What was posted, with the signature found right. */
export interface Delivered {
  readonly id: string;
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
}

export interface WebhookReceiver {
  readonly url: string;
  readonly secret: string;
  readonly delivered: readonly Delivered[];
  /** Why requests were refused; empty when all were signed. */
  readonly refused: readonly string[];
  /** Resolves with the first delivery that `isWanted` takes, now or later; rejects after `ms`. */
  until(isWanted: (delivered: Delivered) => boolean, ms: number): Promise<Delivered>;
  close(): Promise<void>;
}

const key = Buffer.from("0123456789abcdef0123456789abcdef");

/** Listens on a free port of this machine and answers 204 to what is signed, 401 to the rest. */
export async function openWebhookReceiver(): Promise<WebhookReceiver> {
  const delivered: Delivered[] = [];
  const refused: string[] = [];
  const lookers = new Set<() => void>();
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request.setEncoding("utf8")) body += chunk;
    const fault = faultOf(request, body);
    if (fault === undefined) {
      const id = String(request.headers["webhook-id"]);
      delivered.push({ id, ...(JSON.parse(body) as Pick<Delivered, "type" | "data">) });
    } else refused.push(fault);
    response.writeHead(fault === undefined ? 204 : 401).end();
    for (const look of lookers) look();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/alerts`,
    secret: `whsec_${key.toString("base64")}`,
    delivered,
    refused,
    until: (isWanted, ms) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          lookers.delete(look);
          reject(new Error(`Not delivered within ${ms} ms. Came: ${JSON.stringify(delivered)}, refused: ${refused}`));
        }, ms);
        const look = () => {
          const found = delivered.find(isWanted);
          if (found === undefined) return;
          clearTimeout(timer);
          lookers.delete(look);
          resolve(found);
        };
        lookers.add(look);
        look();
      }),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function faultOf({ headers }: IncomingMessage, body: string): string | undefined {
  const [id, at, signatures] = ["id", "timestamp", "signature"].map((name) => headers[`webhook-${name}`]);
  if (Math.abs(Date.now() / 1_000 - Number(at)) > 300) return `timestamp ${at} is not of now`;
  const expected = createHmac("sha256", key).update(`${id}.${at}.${body}`).digest();
  const isSigned = String(signatures)
    .split(" ")
    .some((one) => {
      const given = Buffer.from(one.replace(/^v1,/, ""), "base64");
      return given.length === expected.length && timingSafeEqual(given, expected);
    });
  return isSigned ? undefined : `signature ${signatures} does not fit`;
}
