import { assertPortFree, listenFault } from "../../api/assertPortFree.ts";

const host = "127.0.0.1";

/**
 * Resolves when the drill may listen on both ports. Throws PortTakenError or ChainPortTaken: before anything is deployed a
 * port that is taken shows in a second, not after a minute. The one that can be chosen is looked at first.
 */
export async function assertPortsFree(ports: { readonly api: number; readonly chain: number }): Promise<void> {
  await assertPortFree({ host, port: ports.api });
  if ((await listenFault({ host, port: ports.chain })) !== undefined) throw new ChainPortTaken(ports.chain);
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
