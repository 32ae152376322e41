// A command is kept until its effect has come back as an input, which shows as a record; so it is given again after a
// crash in between, and its doer has to be idempotent.
import { type ActionState, isTerminal } from "@testudo/core/model/ActionStatus";
import type { Command, Commit } from "@testudo/core/model/Output";
import { fromPlainJson, toPlainJson } from "@testudo/core/model/plainJson";
import type { Transaction } from "kysely";
import { type SumChange, sumOf } from "./checksums.ts";
import type { Store } from "./Store.ts";
import type { Tables } from "./Tables.ts";

/** What `writeCommands` needs beside the transaction; `now` in Unix milliseconds. */
export interface CommandJob {
  readonly commits: readonly Commit[];
  readonly commands: readonly Command[];
  readonly now: number;
}

/** Adds `commands` (newest wins per action and kind) and removes those whose effect is among the commits' records. */
export async function writeCommands(trx: Transaction<Tables>, sums: SumChange, job: CommandJob): Promise<void> {
  for (const command of job.commands) {
    const action = command.kind === "derive" ? command.request.id : command.action.id;
    await remove(trx, sums, action, [command.kind]);
    const body = toPlainJson(command);
    const row = { action, kind: command.kind, body, sum: sumOf(action, command.kind, body) };
    await trx
      .insertInto("commands")
      .values({ ...row, created_at: job.now })
      .execute();
    sums.add("commands", [row.sum]);
  }
  for (const [action, kinds] of endedBy(job.commits)) await remove(trx, sums, action, kinds);
  for (const record of job.commits.flatMap((commit) => commit.records))
    if (record.kind === "Derivation") await remove(trx, sums, record.request, ["derive"]);
}

/** Commands that still wait for their effect, oldest first. */
export async function listCommands(store: Store): Promise<Command[]> {
  const rows = await store.db.selectFrom("commands").select("body").orderBy("created_at").orderBy("action").execute();
  return rows.map((row) => fromPlainJson<Command>(row.body));
}

async function remove(
  trx: Transaction<Tables>,
  sums: SumChange,
  action: string,
  kinds: readonly Command["kind"][],
): Promise<void> {
  if (kinds.length === 0) return;
  const gone = await trx
    .deleteFrom("commands")
    .where("action", "=", action)
    .where("kind", "in", kinds)
    .returning("sum")
    .execute();
  sums.remove(
    "commands",
    gone.map((row) => row.sum),
  );
}

/** The kinds of command that the records of `commits` end, by action; the last state of an action counts. */
export function endedBy(commits: readonly Commit[]): Map<string, readonly Command["kind"][]> {
  const last = new Map<string, ActionState>();
  const simulated = new Set<string>();
  for (const record of commits.flatMap((commit) => commit.records)) {
    if (record.kind === "ActionStatus") last.set(record.action, record.state);
    if (record.kind === "Simulation") simulated.add(record.action);
  }
  const actions = new Set([...last.keys(), ...simulated]);
  return new Map([...actions].map((action) => [action, endedKinds(last.get(action), simulated.has(action))]));
}

function endedKinds(state: ActionState | undefined, simulated: boolean): readonly Command["kind"][] {
  if (state !== undefined && (isTerminal(state) || state === "included" || state === "active"))
    return ["simulate", "collect", "send"];
  const kinds: Command["kind"][] = simulated ? ["simulate"] : [];
  if (state !== undefined && !["proposed", "simulated"].includes(state)) kinds.push("collect");
  return kinds;
}
