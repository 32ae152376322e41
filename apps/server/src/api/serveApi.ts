import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createAdaptorServer } from "@hono/node-server";
import type { ApiOptions } from "./Api.ts";
import { breakPipelines } from "./breakPipelines.ts";
import { createApi } from "./createApi.ts";

/** Where to listen. `host` is a loopback address, default 127.0.0.1; port 0 takes a free one. */
export interface ServeOptions extends ApiOptions {
  readonly port: number;
  readonly host?: string;
}

// What waits for a connection that reads nothing, and the connection itself, take what judging blocks needs. 256 may wait for the
// verdict on what they show to /pending, and 64 read the feed.
const mostConnections = 512;

/** A listening interface. */
export interface ServedApi {
  readonly host: string;
  readonly port: number;
  readonly url: string;
  /** Ends all connections, feeds included. */
  close(): Promise<void>;
}

/** Serves the HTTP interface. Throws PortTakenError when the port is in use and HostNotLoopbackError for other addresses. */
export async function serveApi(options: ServeOptions): Promise<ServedApi> {
  const { host = "127.0.0.1", port } = options;
  assertLoopback(host);
  const server = createAdaptorServer({ fetch: breakPipelines(createApi(options).fetch) }) as Server;
  // A client that trickles its request in must not hold a connection for ever.
  server.headersTimeout = 10_000;
  server.requestTimeout = 30_000;
  server.maxConnections = mostConnections;
  await listen(server, host, port);
  const { port: bound } = server.address() as AddressInfo;
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { host, port: bound, url: `http://${host.includes(":") ? `[${host}]` : host}:${bound}`, close };
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      reject(error.code === "EADDRINUSE" || error.code === "EACCES" ? new PortTakenError(host, port, error) : error);
    });
    server.listen(port, host, () => resolve());
  });
}

/** Throws HostNotLoopbackError for an address that others can reach. */
export function assertLoopback(host: string): void {
  if (!(host === "localhost" || host === "::1" || /^127(\.\d{1,3}){3}$/.test(host)))
    throw new HostNotLoopbackError(host);
}

/** The port is in use, or not ours to take. */
export class PortTakenError extends Error {
  override readonly name = "PortTakenError";
  constructor(host: string, port: number, cause: NodeJS.ErrnoException) {
    const what = cause.code === "EACCES" ? "may not be used by this account" : "is in use by another program";
    super(
      `Port ${port} on ${host} ${what}.\n- Perhaps another Testudo runs.\n- Stop it, or choose another port with --port ${port < 1_024 ? 4600 : port + 1}.`,
      { cause },
    );
  }
}

/** An address that others can reach was asked for. */
export class HostNotLoopbackError extends Error {
  override readonly name = "HostNotLoopbackError";
  constructor(host: string) {
    super(
      `Host "${host}" is no loopback address.\n- Allowed: 127.0.0.1, ::1, localhost.\n- Put a proxy with a login in front to go further.`,
    );
  }
}
