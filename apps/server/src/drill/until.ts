import type { Watch } from "../watch/Watch.ts";
import type { Scene } from "./Scene.ts";

/** Waits for `isSo`; a watch that ends meanwhile, or two minutes without it, is an error. */
export async function until(isSo: () => boolean, { options }: Scene, watch: Watch): Promise<void> {
  let ended: unknown;
  let isEnded = false;
  watch.done.then(
    () => {
      isEnded = true;
    },
    (error: unknown) => {
      isEnded = true;
      ended = error;
    },
  );
  const deadline = Date.now() + 120_000;
  while (!isSo()) {
    if (options.signal.aborted) throw new DrillStopped("it was stopped");
    if (isEnded) throw ended ?? new DrillStopped("the watch ended");
    if (Date.now() > deadline) throw new DrillStopped("no block came for two minutes");
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** The drill did not come to its end. */
export class DrillStopped extends Error {
  override readonly name = "DrillStopped";
  constructor(why: string) {
    super(
      `The drill did not come to its end: ${why}.\n- Nothing outside its own folder and chain was touched.\n- Start it again.`,
    );
  }
}
