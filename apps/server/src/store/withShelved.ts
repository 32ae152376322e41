import type { Finding } from "@testudo/core/model/Finding";
import type { FindingStatus } from "@testudo/core/model/FindingStatus";
import type { Hex } from "@testudo/core/model/Hex";
import type { Input, Shelved } from "@testudo/core/model/Input";
import { noticeIdOf } from "@testudo/core/model/noticeId";
import { listRecords } from "./listRecords.ts";
import { listFindings } from "./listViews.ts";
import type { Store } from "./Store.ts";

/** `input` with the finding that a person speaks of as the records have it: the pipeline has put away what is old. */
export async function withShelved<I extends Input>(store: Store, input: I): Promise<I> {
  if (input.kind !== "acknowledge" && input.kind !== "resolve") return input;
  const [view] = await listFindings(store, { ids: [input.finding] });
  if (view?.status === undefined) return input;
  const { chain, work, resolution, sequence } = view.status;
  const status = { chain, work, sequence, ...(resolution === undefined ? {} : { resolution }) };
  return { ...input, shelved: { finding: view.finding, ...status, ...(await readTold(store, view.finding)) } };
}

/** Whether and where `finding` was told: a prediction begins a thread that is of another key where the hour has passed meanwhile. */
async function readTold(store: Store, { id, dedupKey, phase }: Finding): Promise<Pick<Shelved, "thread" | "isTold">> {
  const statuses = await listRecords(store, { kinds: ["FindingStatus"], about: [id] });
  const ids = statuses.map(({ record }) => noticeIdOf(dedupKey, record as FindingStatus));
  if (ids.length === 0) return {};
  const told = await store.db.selectFrom("notices").select("thread").where("id", "in", ids).limit(1).executeTakeFirst();
  if (told === undefined) return {};
  const thread = told.thread as Hex;
  return { ...(thread === dedupKey ? {} : { thread }), ...(phase === "history" ? { isTold: true as const } : {}) };
}
