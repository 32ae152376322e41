// A service on 127.0.0.1, for tests: it answers as its documentation says, and fails when told to.
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** A request as the service saw it. */
export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly raw: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look at foreign JSON
  readonly json: any;
}

export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON unless it is a text. */
  readonly body?: unknown;
}

/**
 * How the next request goes wrong. `lost-answer`: it is carried out, and the connection breaks before the answer. `echo`: the
 * service is down and says in its answer all that it was asked with.
 */
export type Fault = "outage" | "rate-limit" | "lost-answer" | "redirect" | "silence" | "echo" | "garbage";

export interface Service {
  readonly url: string;
  readonly asked: Asked[];
  breakNext(fault: Fault): void;
  close(): Promise<void>;
}

export async function openService(
  handle: (asked: Asked) => Reply,
  { rateLimited, isReading = () => false }: { rateLimited: () => Reply; isReading?: (asked: Asked) => boolean },
): Promise<Service> {
  const asked: Asked[] = [];
  const faults: Fault[] = [];
  const server = createServer(async (request, response) => {
    let raw = "";
    for await (const chunk of request) raw += chunk;
    const url = new URL(request.url!, "http://x");
    const seen: Asked = {
      method: request.method!,
      path: url.pathname,
      query: url.searchParams,
      headers: request.headers,
      raw,
      json: parse(raw),
    };
    asked.push(seen);
    const send = ({ status, headers = {}, body = "" }: Reply) =>
      response.writeHead(status, headers).end(typeof body === "string" ? body : JSON.stringify(body));
    switch (isReading(seen) ? undefined : faults.shift()) {
      case undefined:
        return send(handle(seen));
      case "outage":
        return send({ status: 503, body: "<html>try later</html>" });
      case "garbage":
        return send({ status: 200, body: "<html>a proxy's page</html>" });
      case "rate-limit":
        return send(rateLimited());
      case "redirect":
        return send({ status: 307, headers: { location: "http://127.0.0.1:1/stolen" } });
      case "echo":
        return send({ status: 500, body: `${request.url} ${JSON.stringify(request.headers)} ${raw}` });
      case "silence":
        return;
      case "lost-answer":
        handle(seen);
        return void request.socket.destroy();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    breakNext: (fault) => void faults.push(fault),
    close: () => closeServer(server),
  };
}

function closeServer(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
