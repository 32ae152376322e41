// PRE-07: what a probe says of contracts whose intent is known, by the number of its calls, so that every machine says the same.
import { join } from "node:path";
import { probeLimits } from "@testudo/lab/probe/probeContract";
import { describe, expect, test } from "vitest";
import { dataFolder, whyNoData } from "../incidents/dataFolder.ts";
import { deploymentsIn } from "./deploymentsIn.ts";
import { probeDeployment } from "./probeDeployment.ts";

if (whyNoData) test("probing deployments needs recorded data", (context) => context.skip(whyNoData));

const deployments = whyNoData === undefined ? deploymentsIn(join(dataFolder(), "incidents")) : [];
const ofKind = (kind: string) => deployments.filter((one) => one.kind === kind);
const probe = (name: string, guided: number) =>
  probeDeployment(deployments.find((one) => one.name === name)!, { ...probeLimits, guided }, () => 0);

describe.skipIf(whyNoData)("PRE-07: contracts on recorded states, before anybody calls them", () => {
  test("there are nine attacks, each in two forms, and 24 honest contracts", () => {
    expect(["open", "keyed", "honest"].map((kind) => ofKind(kind).length)).toEqual([9, 9, 24]);
  });

  test.each(ofKind("open"))("$name: is near, and harm by a template", async ({ name }) => {
    const { isNear, result } = await probe(name, 0);
    expect([isNear, result.outcome]).toEqual([true, "harm"]);
  });

  test.each(ofKind("keyed"))("$name: is harm by guided calls that have made out maker and key", async ({ name }) => {
    const { isNear, result } = await probe(name, 250_000);
    expect([isNear, result.outcome]).toEqual([true, "harm"]);
    expect(result.harm!.input.endsWith("6b65795f6f665f7468655f7468696566")).toBe(true);
  });

  test.each(ofKind("honest"))("$name: is near, and no harm", async ({ name }) => {
    const { isNear, result } = await probe(name, 20_000);
    expect(isNear).toBe(true);
    expect(result.outcome).not.toBe("harm");
  });
});
