import type { Hex } from "@testudo/core/model/Hex";
import { fromPlainJson } from "@testudo/core/model/plainJson";
import type { ActionCase } from "@testudo/core/pipeline/Case";
import type { Store } from "./Store.ts";

/** Which of `actions` are pauses that took effect by the newest commit: the council refuses each of them from then on. */
export async function listInForce({ db }: Store, actions: readonly Hex[]): Promise<ReadonlySet<Hex>> {
  if (actions.length === 0) return new Set();
  const keys = actions.map((action) => JSON.stringify(`c/action/${action}`));
  const rows = await db.selectFrom("cells").select("value").where("key", "in", keys).execute();
  const cases = rows.map(({ value }) => fromPlainJson<ActionCase>(value));
  const tookEffect = ({ state, action }: ActionCase) =>
    action.type === "pause" && (state === "active" || state === "expired");
  return new Set(cases.filter(tookEffect).map(({ action }) => action.id));
}
