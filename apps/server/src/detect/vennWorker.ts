// Judges transactions on a thread of its own: what a stranger sends may take seconds, and whoever follows blocks has none.
import { serveOrders } from "../jobs/thread/serveOrders.ts";
import { answerVenn } from "./answerVenn.ts";
import { TraceFault } from "./TraceFault.ts";
import type { VennRequest, VennResponse } from "./vennRequest.ts";

/** What comes of a request. A fault goes whole: an error of the thread is told by its first line alone. */
export type VennAnswer = { readonly response: VennResponse } | { readonly fault: TraceFault["parts"] };

serveOrders(async (request: VennRequest): Promise<VennAnswer> => {
  try {
    return { response: await answerVenn(request) };
  } catch (error) {
    if (error instanceof TraceFault) return { fault: error.parts };
    throw error;
  }
});
