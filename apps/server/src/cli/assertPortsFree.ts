import { createServer } from "node:net";
import { PortTakenError } from "../api/serveApi.ts";

const host = "127.0.0.1";

/**
 * Resolves when the drill may listen on both ports. Throws PortTakenError or ChainPortTaken: before anything is deployed a
 * port that is taken shows in a second, not after a minute. The one that can be chosen is looked at first.
 */
export async function assertPortsFree(ports: { readonly api: number; readonly chain: number }): Promise<void> {
  const apiFault = await faultOf(ports.api);
  if (apiFault !== undefined) throw new PortTakenError(host, ports.api, apiFault);
  if ((await faultOf(ports.chain)) !== undefined) throw new ChainPortTaken(ports.chain);
}

function faultOf(port: number): Promise<NodeJS.ErrnoException | undefined> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", resolve);
    probe.listen(port, host, () => probe.close(() => resolve(undefined)));
  });
}

/** The port of the drill's chain is in use; it is fixed, so that wallets and scripts find it. */
export class ChainPortTaken extends Error {
  override readonly name = "ChainPortTaken";
  constructor(port: number) {
    super(
      `Port ${port} on ${host} is in use by another program.\n` +
        "- With --serve the drill's chain listens there.\n" +
        "- Stop the other program (perhaps another anvil), or drill without --serve.",
    );
  }
}
