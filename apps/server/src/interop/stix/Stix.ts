// The objects of STIX 2.1 that we write, as the specification and its published schemas describe them.
import { z } from "zod";

const idOf = <T extends string>(type: T) =>
  z.templateLiteral([
    type,
    "--",
    z.string().regex(/^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/),
  ]);
const anyId = z
  .string()
  .regex(/^[a-z][a-z0-9-]*--[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
const time = z.string().regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/);
const caipAccount = z.string().regex(/^eip155:\d+:0x[0-9a-f]{40}$/);
const hash = z.string().regex(/^0x[0-9a-f]{64}$/);
const severity = z.enum(["info", "low", "medium", "high", "critical"]);

/** What our extension says of an object that STIX has no words for: addresses, a transaction, an exploit's pattern. */
export const extensionSchema = z.strictObject({
  extension_type: z.literal("property-extension"),
  chain: z.string().regex(/^eip155:\d+$/),
  severity,
  subject: caipAccount,
  addresses: z.array(caipAccount).min(1),
  state: z.string().optional(),
  opened_at_block: z.string().optional(),
  block: z.strictObject({ number: z.string(), hash }).optional(),
  transaction: hash.optional(),
  exploit_pattern: z
    .strictObject({
      detector: z.string(),
      version: z.string(),
      class: z.enum(["anomaly", "damage", "invariant", "health", "vulnerability"]),
      score: z.number(),
      evidence_sha256: hash,
    })
    .optional(),
});

const extensions = z.record(idOf("extension-definition"), extensionSchema);
const common = {
  spec_version: z.literal("2.1"),
  created: time,
  modified: time,
  created_by_ref: idOf("identity"),
  object_marking_refs: z.array(idOf("marking-definition")).min(1),
};

const identity = z.strictObject({
  type: z.literal("identity"),
  id: idOf("identity"),
  spec_version: z.literal("2.1"),
  created: time,
  modified: time,
  name: z.string().min(1),
  identity_class: z.literal("system"),
});

const extensionDefinition = z.strictObject({
  type: z.literal("extension-definition"),
  id: idOf("extension-definition"),
  spec_version: z.literal("2.1"),
  created: time,
  modified: time,
  created_by_ref: idOf("identity"),
  name: z.string().min(1),
  description: z.string(),
  schema: z.string().min(1),
  version: z.string(),
  extension_types: z.tuple([z.literal("property-extension")]),
});

const marking = z.strictObject({
  type: z.literal("marking-definition"),
  id: idOf("marking-definition"),
  spec_version: z.literal("2.1"),
  created: time,
  name: z.string(),
  extensions: z.record(
    idOf("extension-definition"),
    z.strictObject({ extension_type: z.literal("property-extension"), tlp_2_0: z.string() }),
  ),
});

const incident = z.strictObject({
  ...common,
  type: z.literal("incident"),
  id: idOf("incident"),
  name: z.string().min(1),
  description: z.string(),
  extensions,
});

const indicator = z.strictObject({
  ...common,
  type: z.literal("indicator"),
  id: idOf("indicator"),
  revoked: z.literal(true).optional(),
  name: z.string(),
  description: z.string(),
  indicator_types: z.array(z.enum(["anomalous-activity", "malicious-activity", "compromised"])).min(1),
  pattern: z.string().min(1),
  pattern_type: z.literal("testudo"),
  pattern_version: z.string(),
  valid_from: time,
  extensions,
});

const sighting = z.strictObject({
  ...common,
  type: z.literal("sighting"),
  id: idOf("sighting"),
  revoked: z.literal(true).optional(),
  sighting_of_ref: idOf("indicator"),
  where_sighted_refs: z.array(idOf("identity")).min(1),
  first_seen: time,
  last_seen: time,
  count: z.int().min(0).max(999_999_999),
  extensions,
});

const vulnerability = z.strictObject({
  ...common,
  type: z.literal("vulnerability"),
  id: idOf("vulnerability"),
  revoked: z.literal(true).optional(),
  name: z.string().min(1),
  description: z.string(),
  extensions,
});

const note = z.strictObject({
  ...common,
  type: z.literal("note"),
  id: idOf("note"),
  abstract: z.string(),
  content: z.string().min(1),
  object_refs: z.array(anyId).min(1),
});

export const stixObjectSchema = z.discriminatedUnion("type", [
  identity,
  extensionDefinition,
  marking,
  incident,
  indicator,
  sighting,
  vulnerability,
  note,
]);

export const stixBundleSchema = z.strictObject({
  type: z.literal("bundle"),
  id: idOf("bundle"),
  objects: z.array(stixObjectSchema).min(1),
});

export type StixObject = z.output<typeof stixObjectSchema>;
export type StixBundle = z.output<typeof stixBundleSchema>;
