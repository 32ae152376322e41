import type { Hex } from "@testudo/core/model/Hex";
import { fromPlainJson } from "@testudo/core/model/plainJson";
import type { ActionCase } from "@testudo/core/pipeline/Case";
import type { Store } from "./Store.ts";

/** Which of `actions` are pauses in force by the newest commit. */
export async function listInForce({ db }: Store, actions: readonly Hex[]): Promise<ReadonlySet<Hex>> {
  if (actions.length === 0) return new Set();
  const keys = actions.map((action) => `c/action/${action}`);
  const rows = await db.selectFrom("cells").select("value").where("key", "in", keys).execute();
  const cases = rows.map(({ value }) => fromPlainJson<ActionCase>(value));
  const isInForce = ({ state, action }: ActionCase) => state === "active" && action.type === "pause";
  return new Set(cases.filter(isInForce).map(({ action }) => action.id));
}
