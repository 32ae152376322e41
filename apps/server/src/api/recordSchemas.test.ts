import type { z } from "@hono/zod-openapi";
import type { PauseAction, RuleAction } from "@testudo/core/model/Action";
import type { ActionStatus } from "@testudo/core/model/ActionStatus";
import type { Approval } from "@testudo/core/model/Approval";
import type { Finding } from "@testudo/core/model/Finding";
import type { FindingStatus } from "@testudo/core/model/FindingStatus";
import type { Incident } from "@testudo/core/model/Incident";
import type { Prediction } from "@testudo/core/model/PendingTx";
import type { Report } from "@testudo/core/model/Report";
import type { Review } from "@testudo/core/model/Review";
import type { Simulation } from "@testudo/core/model/Simulation";
import { afterAll, beforeAll, expect, test } from "vitest";
import { action, actionStatus, chainOf, finding, findingStatus } from "../store/chain.testkit.ts";
import { incident, simulation } from "../store/records.testkit.ts";
import type { Store } from "../store/Store.ts";
import { storeFixture } from "../store/storeFolder.testkit.ts";
import { actionsSchema, findingsSchema, incidentsSchema } from "./apiSchema.ts";
import { call } from "./call.testkit.ts";
import type * as schemas from "./recordSchemas.ts";
import { type Served, serve } from "./served.testkit.ts";

/** What JSON makes of T, as `toJson` writes it. */
type Json<T> = T extends bigint
  ? string
  : T extends readonly (infer E)[]
    ? Json<E>[]
    : T extends object
      ? { -readonly [K in keyof T]: Json<T[K]> }
      : T;
/** True where `S` takes what JSON makes of a T, and names each of its fields. */
type Describes<S extends z.ZodObject, T> =
  Json<T> extends z.input<S>
    ? keyof T extends keyof S["shape"]
      ? true
      : ["not described", Exclude<keyof T, keyof S["shape"]>]
    : false;

// The compiler is the first test: a field that a record gains, or whose type changes, is an error here until it is described.
const described: {
  Finding: Describes<typeof schemas.findingSchema, Finding>;
  FindingStatus: Describes<typeof schemas.findingStatusSchema, FindingStatus>;
  Incident: Describes<typeof schemas.incidentSchema, Incident>;
  Action: Describes<typeof schemas.actionSchema, PauseAction> & Describes<typeof schemas.actionSchema, RuleAction>;
  ActionStatus: Describes<typeof schemas.actionStatusSchema, ActionStatus>;
  Simulation: Describes<typeof schemas.simulationSchema, Simulation>;
  Approval: Describes<typeof schemas.approvalSchema, Approval>;
  Review: Describes<typeof schemas.reviewSchema, Review>;
  Report: Describes<typeof schemas.reportSchema, Report>;
  Prediction: Describes<typeof schemas.predictionSchema, Prediction>;
} = {
  Finding: true,
  FindingStatus: true,
  Incident: true,
  Action: true,
  ActionStatus: true,
  Simulation: true,
  Approval: true,
  Review: true,
  Report: true,
  Prediction: true,
};

const fixture = await storeFixture();
let store: Store;
let api: Served;
beforeAll(async () => {
  store = await fixture.open();
  api = await serve(store, { metrics: async () => ({ contentType: "text/plain", text: "" }) });
});
afterAll(async () => {
  await api.close();
  await store.close();
  await fixture.remove();
});

test("behavior: the interface's description names each kind of record, each operation, and the group that it belongs to", async () => {
  const { json } = await call(api.port, "/openapi.json");
  expect(Object.keys(json.components.schemas)).toEqual(expect.arrayContaining(Object.keys(described)));
  expect(json.components.schemas.Finding.properties.evidence).toMatchObject({ description: expect.any(String) });
  const operations: { operationId: string; summary: string; tags: string[] }[] = Object.values(json.paths).flatMap(
    (methods) => Object.values(methods as object),
  );
  expect(operations.length).toBeGreaterThan(20);
  for (const { operationId, summary, tags } of operations) {
    expect(operationId).toMatch(/^[a-z][A-Za-z]+$/);
    expect(summary.length).toBeGreaterThan(10);
    expect(json.tags.map(({ name }: { name: string }) => name)).toEqual(expect.arrayContaining(tags));
  }
  expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(operations.length);
});

test("behavior: lists say what the description says", async () => {
  const [one, pause] = [finding(1), action("ready")];
  await api.commit(
    chainOf().link({
      records: [
        one,
        findingStatus(one),
        incident("x", "open", 0),
        pause,
        actionStatus(pause, "proposed"),
        simulation(pause),
        actionStatus(pause, "simulated", 1),
      ],
    }),
  );
  for (const [path, schema, key] of [
    ["/findings", findingsSchema, "findings"],
    ["/incidents", incidentsSchema, "incidents"],
    ["/actions", actionsSchema, "actions"],
  ] as const) {
    const { json } = await call(api.port, path);
    expect(json[key]).toHaveLength(1);
    expect(schema.parse(json)).toEqual(json);
  }
});
