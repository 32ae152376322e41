// What a guardian is shown before signing. It comes from a server that may be broken into, so nothing of it is believed
// that cannot be recomputed here: the message to sign is made from the action's own fields, and they from its id.
import type { Action } from "@testudo/core/model/Action";
import { ruleKinds } from "@testudo/core/model/GuardRule";
import { hashOf } from "@testudo/core/model/Record";
import { z } from "zod";

const hex = (bytes: number) =>
  z
    .string()
    .regex(new RegExp(`^0x[0-9a-f]{${bytes * 2}}$`))
    .transform((text) => text as `0x${string}`);
const number = z.union([z.string().regex(/^\d{1,78}$/), z.int().min(0)]).transform(BigInt);

const common = {
  kind: z.literal("Action"),
  id: hex(32),
  from: z.array(hex(32)),
  chainId: z.int().min(1),
  council: hex(20),
  target: hex(20),
  selectors: z.array(hex(4)).min(1).max(16),
  until: number,
  reason: hex(32),
  evidence: hex(32),
  deadline: number,
  incident: hex(32),
  anomaly: hex(32),
  damage: hex(32),
  playbook: z.string(),
  outbids: z.strictObject({ tipWei: number, maxFeeWei: number }).optional(),
};
const rule = z.strictObject({
  target: hex(20),
  selector: hex(4),
  kind: z.enum(ruleKinds),
  argIndex: z.int().min(0).max(255),
  bound: number,
});
const actionSchema = z.discriminatedUnion("type", [
  z.strictObject({ ...common, type: z.literal("pause"), quorum: z.int().min(1) }),
  z.strictObject({
    ...{ ...common, type: z.literal("guardRule"), quorum: z.literal(0) },
    ...{ rule, breaker: hex(20), program: hex(20) },
  }),
]);

const simulationSchema = z.looseObject({
  kind: z.literal("Simulation"),
  id: hex(32),
  action: hex(32),
  passed: z.boolean(),
  blockNumber: number,
  calls: z.array(z.object({ name: z.string(), expect: z.string(), succeeded: z.boolean(), detail: z.string() })),
  note: z.string(),
});

const proposalSchema = z.object({
  action: actionSchema,
  status: z.looseObject({ state: z.string() }).nullable().optional(),
  simulation: simulationSchema.nullable().optional(),
  approvals: z.array(z.looseObject({ signer: hex(20) })).default([]),
});

const findingSchema = z.looseObject({
  id: hex(32),
  severity: z.string(),
  detector: z.string(),
  reason: z.string(),
});

/** A proposed action with what speaks for it. `isIntact` tells whether the ids are the hashes of the contents. */
export interface Proposal {
  readonly action: Action;
  readonly state: string | undefined;
  readonly simulation: z.output<typeof simulationSchema> | undefined;
  readonly signers: readonly string[];
  readonly findings: readonly z.output<typeof findingSchema>[];
  readonly isActionIntact: boolean;
  readonly isSimulationIntact: boolean;
}

/** The proposal in `body` (an element of GET /actions) with those of `findings` that it rests on. Throws ProposalMalformed. */
export function parseProposal(body: unknown, findings: readonly unknown[] = []): Proposal {
  const parsed = proposalSchema.safeParse(body);
  if (!parsed.success) throw new ProposalMalformed(parsed.error);
  const { action, status, simulation, approvals } = parsed.data;
  const raw = body as { readonly action: unknown; readonly simulation?: unknown };
  const causes = findings
    .flatMap((finding) => findingSchema.safeParse(finding).data ?? [])
    .filter(({ id }) => id === action.anomaly || id === action.damage);
  return {
    action,
    state: status?.state,
    simulation: simulation ?? undefined,
    signers: approvals.map(({ signer }) => signer),
    findings: causes,
    isActionIntact: isIntact(raw.action),
    isSimulationIntact: isIntact(raw.simulation),
  };
}

// Numbers travel as decimal strings, which is how they were hashed.
function isIntact(record: unknown): boolean {
  if (typeof record !== "object" || record === null) return false;
  const { id, ...body } = record as { id?: unknown };
  return hashOf(body) === id;
}

/** What came is no proposal. */
export class ProposalMalformed extends Error {
  override readonly name = "ProposalMalformed";
  constructor(cause: z.ZodError) {
    const [issue] = cause.issues;
    super(
      `The proposal is malformed at "${issue?.path.join(".") ?? ""}": ${issue?.message ?? ""}.\n` +
        "- Allowed: an action as GET /actions of a server gives it.\n" +
        "- Do not sign; check whether server and program are of the same version.",
      { cause },
    );
  }
}
