import type { Address } from "@testudo/core/model/Hex";
import { describeCall } from "./describeCall.ts";
import { findOrigins, type Origin } from "./findOrigins.ts";
import type { Chain } from "./openChain.ts";
import { headOf } from "./openChain.ts";
import type { Plan } from "./Plan.ts";
import type { Prepared } from "./preparePlan.ts";
import { compare, type ReadAt, type Row } from "./readChain.ts";
import { type Rederived, rederiveOperations } from "./rederiveOperations.ts";
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
  const origins = await findOrigins(chain.endpoint, plan, blueprint.codes);
  const at = await headOf(chain, firstBlock(origins));
  const operations = rederiveOperations(plan, blueprint);
  const timelock = standingTimelock(plan, origins);
  const rows = [
    ...standingRows(plan, origins, blueprint),
    ...(await compare(chain.endpoint, blueprint.expectations, at)),
    ...forgedRows(operations),
    ...(await strangerRows({ chain, blueprint }, timelock, operations, at)),
  ];
  const open = await openFields(chain, timelock, operations, blueprint);
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

// The plan's own word for it would do to hide what was done before.
function firstBlock(origins: readonly Origin[]): number {
  const blocks = origins.flatMap((origin) => (origin.kind === "absent" ? [] : [blockOf(origin)]));
  return blocks.length === 0 ? 0 : Math.min(...blocks);
}

function blockOf(origin: Exclude<Origin, { kind: "absent" }>): number {
  return origin.kind === "created" ? Number(origin.block) : 0;
}

// A module that is not there would fail each of its rows; this one says why.
function standingRows(
  { contracts }: Plan,
  origins: readonly Origin[],
  { codes }: Prepared["blueprint"],
): readonly Row[] {
  return contracts.map(({ name, address }, i) => {
    const row = { module: "plan", field: name };
    if (!codes.has(name))
      return { ...row, expected: "nothing", found: "stands, and the file has no such module", isAsExpected: false };
    const expected = `code at ${address}`;
    const origin = origins[i]!;
    if (origin.kind === "created") return { ...row, expected, found: expected, isAsExpected: true };
    return { ...row, expected, found: origin.kind === "absent" ? "no code" : origin.why, isAsExpected: false };
  });
}

function forgedRows({ foreign }: Rederived): readonly Row[] {
  return foreign.map(([{ id }, why]) => ({
    module: "plan",
    field: `operation ${id}`,
    expected: "settings of the file",
    found: why,
    isAsExpected: false,
  }));
}

// What the timelock holds for nobody of this file: of a former one, or of whoever has the slow wallet's keys. In words of
// the chain: those of the plan could be anybody's.
async function strangerRows(
  { chain, blueprint }: { readonly chain: Chain; readonly blueprint: Prepared["blueprint"] },
  timelock: Address | undefined,
  operations: Rederived,
  at: ReadAt,
): Promise<readonly Row[]> {
  if (timelock === undefined) return [];
  const own = new Set(operations.own.map(({ id }) => id));
  const waiting = await waitingOperations(chain.endpoint, timelock, at);
  return waiting.flatMap(({ id, calls }) => {
    if (own.has(id)) return [];
    const found = `waits: ${calls.map(({ to, data }) => describeCall(blueprint, to, data)).join("; ")}`;
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
async function openFields(
  chain: Chain,
  timelock: Address | undefined,
  operations: Rederived,
  blueprint: Prepared["blueprint"],
): Promise<ReadonlySet<string>> {
  if (timelock === undefined) return new Set();
  const { open } = await standingOf(chain, timelock, operations);
  const calls = new Set(open.flatMap((operation) => operation.calls.map(({ to, data }) => `${to} ${data}`)));
  const proofs = blueprint.settings.flatMap((item) => (calls.has(`${item.to} ${item.data}`) ? item.proofs : []));
  const modules = new Set(proofs.map(({ module }) => module));
  const told = blueprint.expectations.filter(
    ({ kind, field, module }) => modules.has(module) && (kind === "logs" || field === "healthy"),
  );
  return new Set([...proofs, ...told].map(({ module, field }) => `${module} ${field}`));
}

function standingTimelock({ contracts }: Plan, origins: readonly Origin[]): Address | undefined {
  return contracts.find(({ name }, i) => name === "timelock" && origins[i]!.kind !== "absent")?.address;
}
