import type { Address } from "@testudo/core/model/Hex";
import { hasCode } from "./askChain.ts";
import type { Chain } from "./openChain.ts";
import { headOf } from "./openChain.ts";
import type { Plan } from "./Plan.ts";
import type { Prepared } from "./preparePlan.ts";
import { compare, type ReadAt, type Row } from "./readChain.ts";
import { standingOf } from "./settle.ts";
import { waitingOperations } from "./waitingOperations.ts";

/** A difference between chain and file: drift, or a setting that still waits for the timelock. */
export type Verdict = "as expected" | "pending" | "drift";

/** What stands, row by row. */
export interface Verified {
  readonly blockNumber: number;
  readonly rows: readonly (Row & { readonly verdict: Verdict })[];
  readonly drift: number;
  readonly pending: number;
}

/** Compares all that can be read of a deployment with its file, at one block. */
export async function verify(chain: Chain, { plan, blueprint }: Prepared): Promise<Verified> {
  const at = await headOf(chain, Math.min(...plan.contracts.map(({ block = 0 }) => block)));
  const rows = [
    ...(await standingRows(chain, plan, blueprint)),
    ...(await compare(chain.endpoint, blueprint.expectations, at)),
    ...(await strangerRows(chain, plan, at)),
  ];
  const open = await openFields(chain, plan, blueprint);
  // What is created once the settings hold, and is not yet: no value of it can differ.
  const planned = new Set(plan.contracts.map(({ name }) => name));
  const isAbsent = (module: string) => blueprint.codes.has(module) && !planned.has(module);
  const judged = rows.map(
    (row) => ({ ...row, verdict: isAbsent(row.module) ? "pending" : verdictOf(row, open) }) as const,
  );
  return counted(Number(at.blockNumber), judged);
}

/** `verified` with rows that no timelock explains. */
export function withRows({ blockNumber, rows }: Verified, more: readonly Row[]): Verified {
  return counted(blockNumber, [...rows, ...more.map((row) => ({ ...row, verdict: verdictOf(row, new Set()) }))]);
}

function counted(blockNumber: number, rows: Verified["rows"]): Verified {
  const count = (verdict: Verdict) => rows.filter((row) => row.verdict === verdict).length;
  return { blockNumber, rows, drift: count("drift"), pending: count("pending") };
}

// A module that is not there would fail each of its rows; this one says why.
async function standingRows(
  chain: Chain,
  { contracts }: Plan,
  { codes }: Prepared["blueprint"],
): Promise<readonly Row[]> {
  const stands = await Promise.all(contracts.map(({ address }) => hasCode(chain.endpoint, address)));
  return contracts.map(({ name, address }, i) => {
    const row = { module: "plan", field: name };
    if (!codes.has(name))
      return { ...row, expected: "nothing", found: "stands, and the file has no such module", isAsExpected: false };
    const expected = `code at ${address}`;
    return { ...row, expected, found: stands[i] ? expected : "no code", isAsExpected: stands[i]! };
  });
}

// What the timelock holds for nobody of this file: of a former one, or of whoever has the slow wallet's keys.
async function strangerRows(chain: Chain, plan: Plan, at: ReadAt): Promise<readonly Row[]> {
  const timelock = standingTimelock(plan);
  if (timelock === undefined) return [];
  const own = new Set(plan.operations.flatMap(({ id, fileHash }) => (fileHash === plan.fileHash ? [id] : [])));
  const waiting = await waitingOperations(chain.endpoint, timelock, at);
  return waiting.flatMap(({ id, calls }) => {
    if (own.has(id)) return [];
    const former = plan.operations.find((operation) => operation.id === id)?.calls.map(({ what }) => what);
    const words = former ?? calls.map(({ to, selector }) => `${selector} of ${to}`);
    const found = `waits: ${words.join("; ")}`;
    return [
      { module: "timelock", field: `operation ${id}`, expected: "none but this file's", found, isAsExpected: false },
    ];
  });
}

function verdictOf({ isAsExpected, module, field }: Row, open: ReadonlySet<string>): Verdict {
  if (isAsExpected) return "as expected";
  return open.has(`${module} ${field}`) ? "pending" : "drift";
}

// What waits in the timelock explains what it would set, and the lists and the health of its module. What nobody proposed,
// or guardians vetoed, waits for nothing.
async function openFields(chain: Chain, plan: Plan, blueprint: Prepared["blueprint"]): Promise<ReadonlySet<string>> {
  const timelock = standingTimelock(plan);
  if (timelock === undefined) return new Set();
  const { open } = await standingOf(chain, timelock, plan);
  const calls = new Set(open.flatMap((operation) => operation.calls.map(({ to, data }) => `${to} ${data}`)));
  const proofs = blueprint.settings.flatMap((item) => (calls.has(`${item.to} ${item.data}`) ? item.proofs : []));
  const modules = new Set(proofs.map(({ module }) => module));
  const told = blueprint.expectations.filter(
    ({ kind, field, module }) => modules.has(module) && (kind === "logs" || field === "healthy"),
  );
  return new Set([...proofs, ...told].map(({ module, field }) => `${module} ${field}`));
}

function standingTimelock({ contracts }: Plan): Address | undefined {
  return contracts.find(({ name, block }) => name === "timelock" && block !== undefined)?.address;
}
