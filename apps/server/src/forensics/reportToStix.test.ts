import { expect, test } from "vitest";
import { stixBundleSchema } from "../interop/stix/Stix.ts";
import { hostileReport } from "./hostileReport.testkit.ts";
import { reportSchema } from "./reportSchema.testkit.ts";
import { reportToStix } from "./reportToStix.ts";
import { toJson } from "./standForensics.ts";

test("LAB-16: the JSON of a report is as it is written down, field by field", async () => {
  const json = JSON.parse(toJson(await hostileReport()));
  expect(reportSchema.parse(json)).toEqual(json);
});

test("LAB-16: a report is a STIX 2.1 bundle with an incident, and an indicator for each class", async () => {
  const report = await hostileReport();
  const bundle = reportToStix(report, "amber");
  expect(stixBundleSchema.parse(bundle)).toEqual(bundle);
  const types = bundle.objects.map(({ type }) => type);
  expect(types.filter((type) => type === "incident")).toHaveLength(1);
  expect(types.filter((type) => type === "indicator")).toHaveLength(report.classification.length);
});

test("LAB-16: the bundle of an ordinary transaction tells of no incident, and the same report gives the same bundle", async () => {
  const report = await hostileReport();
  const plain = reportToStix({ ...report, verdict: "ordinary" }, "clear");
  expect(plain.objects.map(({ type }) => type)).toEqual(["identity", "extension-definition", "marking-definition"]);
  expect(reportToStix(report, "green")).toEqual(reportToStix(report, "green"));
});
