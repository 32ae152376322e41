import type { Input } from "@testudo/core/model/Input";
import { listFindings } from "./listViews.ts";
import type { Store } from "./Store.ts";

/** `input` with the finding that a person speaks of as the records have it: the pipeline has put away what is old. */
export async function withShelved<I extends Input>(store: Store, input: I): Promise<I> {
  if (input.kind !== "acknowledge" && input.kind !== "resolve") return input;
  const [view] = await listFindings(store, { ids: [input.finding] });
  if (view?.status === undefined) return input;
  const { chain, work, resolution, sequence } = view.status;
  const status = { chain, work, sequence, ...(resolution === undefined ? {} : { resolution }) };
  return { ...input, shelved: { finding: view.finding, ...status } };
}
