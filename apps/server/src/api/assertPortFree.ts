import { createServer } from "node:net";
import { assertLoopback, PortTakenError } from "./serveApi.ts";

/** Where an interface is to listen. */
export interface Listening {
  readonly host: string;
  readonly port: number;
}

/** Resolves when we may listen there; port 0 always may. Throws PortTakenError or HostNotLoopbackError. */
export async function assertPortFree({ host, port }: Listening): Promise<void> {
  assertLoopback(host);
  const fault = await listenFault({ host, port });
  if (fault !== undefined) throw new PortTakenError(host, port, fault);
}

/** What keeps us from listening there; undefined where nothing does. */
export function listenFault({ host, port }: Listening): Promise<NodeJS.ErrnoException | undefined> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", resolve);
    probe.listen(port, host, () => probe.close(() => resolve(undefined)));
  });
}
