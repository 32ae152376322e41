// Records as JSON says them, for whoever writes a client: bigint as decimal strings, absent fields left out. They are loose, since a
// later version may say more. `recordSchemas.test.ts` holds them against the records' own types.
import { z } from "@hono/zod-openapi";
import { actionStates } from "@testudo/core/model/ActionStatus";
import { type FindingClass, severities } from "@testudo/core/model/Finding";
import { type ChainStatus, type FindingStatus, resolutions, workStatuses } from "@testudo/core/model/FindingStatus";
import { ruleKinds } from "@testudo/core/model/GuardRule";
import { incidentStates } from "@testudo/core/model/Incident";
import { verdicts } from "@testudo/core/model/Review";

const hash = z.string().openapi({ description: "0x and 64 lower-case hexadecimal digits" });
const address = z.string().openapi({ description: "0x and 40 lower-case hexadecimal digits" });
const selector = z.string().openapi({ description: "The first four bytes of a call's data, as 0x and 8 digits" });
const whole = (description: string) => z.string().openapi({ description: `${description}, as a decimal string` });
const text = (description: string) => z.string().openapi({ description });
const unixTime = (description: string) => whole(`${description}, in Unix seconds`);
const severity = z.enum(severities);

/** What every record has. */
const base = {
  id: z.string().openapi({ description: "SHA-256 of the RFC 8785 JSON of all the rest" }),
  from: z.array(hash).openapi({ description: "The records that caused this one" }),
};

const classes = [
  "anomaly",
  "damage",
  "invariant",
  "health",
  "vulnerability",
] as const satisfies readonly FindingClass[];
const chainStates = [
  "predicted",
  "pending",
  "confirmed",
  "retracted",
  "expired",
] as const satisfies readonly ChainStatus[];
const transitions = [
  "raised",
  "predicted",
  "included",
  "expired",
  "repeated",
  "confirmed",
  "retracted",
  "raised-again",
  "relocated",
  "acknowledged",
  "resolved",
] as const satisfies readonly FindingStatus["transition"][];

export const predictionSchema = z
  .looseObject({
    tx: hash,
    sender: address,
    nonce: z.number().nullable().openapi({ description: "Null where any transaction of the sender's may be the one" }),
    tipWei: whole("What it pays to the block's maker for each gas, in wei"),
    maxFeeWei: whole("Its highest price for each gas, in wei"),
    untilBlock: whole("The last block in which it may still come true"),
  })
  .openapi("Prediction");

export const findingSchema = z
  .looseObject({
    kind: z.literal("Finding"),
    ...base,
    dedupKey: hash.openapi({ description: "The same for what is one alert" }),
    detector: text("The detector's id, such as asset-drain"),
    version: text("The detector's version"),
    class: z.enum(classes).openapi({
      description: "Something unusual, harm, a broken identity, our own health, or harm that could be done",
    }),
    hard: z.boolean().openapi({ description: "An invariant that is reason enough for automatic action" }),
    severity,
    reason: text("One sentence for a person"),
    chainId: z.number(),
    blockNumber: whole("The block that it is about"),
    blockHash: hash,
    timestamp: unixTime("The block's time"),
    phase: z.enum(["history", "live"]),
    subject: address.openapi({ description: "The protected address that it is about" }),
    addresses: z.array(address).openapi({ description: "Further ones: who acted, tokens, pools" }),
    txHash: hash.optional(),
    logIndex: z.number().optional(),
    score: z.number().openapi({ description: "0 to 1, how far beyond the threshold; comparable within one detector" }),
    pValue: z.number().optional().openapi({ description: "How likely it is where nothing is wrong" }),
    calibration: hash.optional(),
    atActionLevel: z.boolean().optional().openapi({ description: "Rare enough for software to act on" }),
    budgetPpm: z.number().optional().openapi({ description: "Millionths of the contract's transactions" }),
    deterministic: z.literal(false).optional(),
    draftSeverity: severity.optional().openapi({ description: "Before the calibration made it quieter" }),
    evidence: z.looseObject({}).openapi({ description: "What the score can be computed from again" }),
    runbook: z.string(),
    owner: z.string(),
    prediction: predictionSchema.optional(),
  })
  .openapi("Finding");

export const findingStatusSchema = z
  .looseObject({
    kind: z.literal("FindingStatus"),
    ...base,
    finding: hash,
    transition: z.enum(transitions),
    chain: z.enum(chainStates),
    work: z.enum(workStatuses),
    resolution: z.enum([...resolutions, "retracted"]).optional(),
    actor: z.string().optional().openapi({ description: "Who, for a person's act" }),
    note: z.string().optional(),
    isProved: z.literal(true).optional().openapi({ description: "That person showed a token of his own" }),
    goesOnAs: hash.optional().openapi({ description: "The finding that says it from now on" }),
    sequence: z.number(),
    blockNumber: whole("The block at that time"),
    blockHash: hash,
  })
  .openapi("FindingStatus");

export const incidentSchema = z
  .looseObject({
    kind: z.literal("Incident"),
    ...base,
    incident: hash.openapi({ description: "The same for all records of one incident" }),
    state: z.enum(incidentStates),
    severity,
    subject: address,
    addresses: z.array(address),
    findings: z.array(hash),
    openedAtBlock: whole("The block of its first finding"),
    openedAt: unixTime("When it began"),
    lastAt: unixTime("When something was last found"),
    acknowledgedAt: unixTime("When somebody first took it upon himself").optional(),
    mitigatedAt: unixTime("When the first action against it was in force").optional(),
    sequence: z.number(),
  })
  .openapi("Incident");

const ruleSchema = z
  .looseObject({
    target: address,
    selector,
    kind: z.enum(ruleKinds),
    argIndex: z.number().openapi({ description: "Counts 32-byte words after the selector" }),
    bound: whole("What the word is held against"),
  })
  .openapi("GuardRule");

export const actionSchema = z
  .looseObject({
    kind: z.literal("Action"),
    ...base,
    type: z.enum(["pause", "guardRule"]),
    chainId: z.number(),
    council: address,
    target: address,
    selectors: z.array(selector),
    until: unixTime("When it ends by itself"),
    reason: hash,
    evidence: hash,
    deadline: unixTime("After which it is not sent any more"),
    incident: hash,
    anomaly: hash,
    damage: hash,
    quorum: z.number().openapi({ description: "Signatures of guardians that it needs" }),
    playbook: z.string(),
    outbids: z
      .looseObject({ tipWei: whole("For each gas, in wei"), maxFeeWei: whole("For each gas, in wei") })
      .optional()
      .openapi({ description: "What the attack pays, where that still waits for its block" }),
    rule: ruleSchema.optional(),
    breaker: address.optional(),
    program: address.optional().openapi({ description: "The key that sends a guard rule" }),
  })
  .openapi("Action");

export const actionStatusSchema = z
  .looseObject({
    kind: z.literal("ActionStatus"),
    ...base,
    action: hash,
    state: z.enum(actionStates),
    note: text("Why, for a person"),
    txHash: hash.optional(),
    blockNumber: whole("The newest block at that time").optional(),
    way: z.enum(["relay", "public"]).optional(),
    signers: z.array(address).optional(),
    sequence: z.number(),
  })
  .openapi("ActionStatus");

export const simulationSchema = z
  .looseObject({
    kind: z.literal("Simulation"),
    ...base,
    action: hash,
    passed: z.boolean(),
    blockNumber: whole("The block on whose state it was tried"),
    blockHash: hash,
    calls: z.array(
      z.looseObject({
        name: z.string(),
        expect: z.enum(["succeeds", "reverts"]),
        succeeded: z.boolean(),
        detail: z.string(),
      }),
    ),
    note: z.string(),
  })
  .openapi("Simulation");

export const approvalSchema = z
  .looseObject({ kind: z.literal("Approval"), ...base, action: hash, signer: address, signature: z.string() })
  .openapi("Approval");

export const reviewSchema = z
  .looseObject({
    kind: z.literal("Review"),
    ...base,
    finding: hash,
    verdict: z.enum(verdicts),
    actor: z.string(),
    note: z.string(),
  })
  .openapi("Review");

export const reportSchema = z
  .looseObject({
    kind: z.literal("Report"),
    ...base,
    report: hash.openapi({ description: "The same for all records of one report" }),
    source: z.literal("adversary"),
    chainId: z.number(),
    subject: address,
    title: z.string(),
    objective: z.enum(["gain", "figure"]),
    gainWad: whole("What the attacker would have in the end, in 1e-18 of `unit`"),
    costWad: whole("What he does not get back, in 1e-18 of `unit`"),
    unit: text("A symbol such as ETH, or a token's address"),
    capsule: hash,
    sealed: z.string().optional().openapi({ description: "An armoured age file for the guardians" }),
    engine: z.looseObject({ name: z.string(), ok: z.boolean() }),
    forkBlock: z.looseObject({ number: whole("Its number"), hash }),
  })
  .openapi("Report");
