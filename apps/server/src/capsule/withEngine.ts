import type { OpenEvm } from "@testudo/core/model/Evm";
import type { NodeEvm } from "@testudo/lab/engine/openNodeEvm";

/** What executes, by the name that a person gives it. */
export const engines = ["ours", "anvil", "edr"] as const;
export type Engine = (typeof engines)[number];

/** What `work` gives with the engine that is named; ours is what is taken without a word. Whatever it opened is closed. */
export async function withEngine<T>(name: Engine, work: (options: { openEvm?: OpenEvm }) => Promise<T>): Promise<T> {
  if (name === "ours") return work({});
  const peer =
    name === "anvil"
      ? (await import("./openAnvil.ts")).anvilPeer
      : (await import("@testudo/lab/capsule/openEdr")).edrPeer;
  const opened: NodeEvm[] = [];
  try {
    return await work({
      openEvm: async (source, block) => {
        const evm = await peer.open(source, block);
        opened.push(evm);
        return evm;
      },
    });
  } finally {
    for (const evm of opened) await evm.close();
  }
}
