import type { ChainEvent, StreamTrouble } from "@testudo/core/model/ChainEvent";
import { keepLiveFrom } from "../store/liveFrom.ts";
import type { Store } from "../store/Store.ts";

/** Passes `stream` on and keeps where its news begins, before the first of it is judged. */
export async function* noteLive(
  store: Store,
  stream: AsyncIterable<ChainEvent | StreamTrouble>,
): AsyncGenerator<ChainEvent | StreamTrouble> {
  let isKept = false;
  for await (const event of stream) {
    if (!isKept && event.kind === "block" && event.phase === "live") {
      await keepLiveFrom(store, event.bundle.ref.number);
      isKept = true;
    }
    yield event;
  }
}
