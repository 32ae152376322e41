import type { Hex } from "@testudo/core/model/Hex";
import type { Scene } from "./Scene.ts";
import type { PausedSelector } from "./scorecard.ts";

// pausedUntil(bytes4) of the gate.
const pausedUntil = "0x0917a643";

/** The functions that the gates refuse at the latest block, each with the end of its pause in Unix seconds. */
export async function readPaused({ stage, endpoint }: Scene): Promise<PausedSelector[]> {
  const asked = stage.protect.flatMap(({ address, pausable }) =>
    Object.values(pausable).map((selector) => ({ target: address, selector })),
  );
  const answers = await endpoint.batch(
    asked.map(({ target, selector }) => ({
      method: "eth_call",
      params: [{ to: target, data: `${pausedUntil}${selector.slice(2).padEnd(64, "0")}` }, "latest"],
    })),
  );
  const { timestamp } = (await endpoint.request("eth_getBlockByNumber", ["latest", false])) as { timestamp: Hex };
  return asked.flatMap(({ target, selector }, i) => {
    const answer = answers[i]!;
    const end = answer.ok ? Number(BigInt(answer.result as Hex)) : 0;
    return end > Number(timestamp) ? [{ target, selector, until: end }] : [];
  });
}
