import type { Finding } from "@testudo/core/model/Finding";
import type { FindingStatus } from "@testudo/core/model/FindingStatus";
import type { Incident } from "@testudo/core/model/Incident";
import { hashOf, identify } from "@testudo/core/model/Record";
import { describe, expect, test } from "vitest";
import { finding, findingStatus, subject } from "../../store/chain.testkit.ts";
import { stixBundleSchema } from "./Stix.ts";
import { tlpLevels } from "./tlp.ts";
import { toStix } from "./toStix.ts";
import { uuidV5 } from "./uuidV5.ts";

const txHash = hashOf("tx");
const { id: _, ...body } = finding(2);
const seen: readonly Finding[] = [finding(1), identify({ ...body, txHash }) as Finding];
const incident = identify({
  kind: "Incident",
  from: seen.map(({ id }) => id),
  incident: hashOf("incident"),
  state: "open",
  severity: "critical",
  subject,
  addresses: [subject, `0x${"cd".repeat(20)}`],
  findings: seen.map(({ id }) => id),
  openedAtBlock: 1n,
  openedAt: 1_700_000_001n,
  lastAt: 1_700_000_002n,
  sequence: 3,
} as const) as Incident;
const options = {
  chainId: 31_337,
  incidents: [incident],
  findings: seen.map((one) => ({ finding: one, status: findingStatus(one) })),
  tlp: "amber",
} as const;

const typesIn = (bundle: ReturnType<typeof toStix>) => bundle.objects.map(({ type }) => type);

describe("a STIX 2.1 bundle", () => {
  const bundle = toStix(options);

  test("INT-05: holds incident, indicators, sightings and a note as the specification has them", () => {
    expect(stixBundleSchema.parse(bundle)).toEqual(bundle);
    expect(typesIn(bundle)).toEqual([
      "identity",
      "extension-definition",
      "marking-definition",
      "incident",
      "indicator",
      "sighting",
      "indicator",
      "sighting",
      "note",
    ]);
  });

  test("INT-05: every reference leads to an object of the bundle, and every object carries the marking", () => {
    const ids = new Set(bundle.objects.map(({ id }) => id as string));
    const marking = bundle.objects.find(({ type }) => type === "marking-definition")!.id;
    for (const object of bundle.objects) {
      const refs = Object.entries(object).flatMap(([key, value]) => (/_refs?$/.test(key) ? [value].flat() : []));
      for (const ref of refs) expect(ids).toContain(ref);
      if ("object_marking_refs" in object) expect(object.object_marking_refs).toEqual([marking]);
    }
  });

  test("INT-05: what STIX has no words for stands in our extension: addresses, transaction, exploit pattern", () => {
    const [, second] = bundle.objects.filter((object) => object.type === "indicator");
    const definition = bundle.objects.find(({ type }) => type === "extension-definition")!.id;
    expect(second!.extensions[definition as keyof NonNullable<typeof second>["extensions"]]).toEqual({
      extension_type: "property-extension",
      chain: "eip155:31337",
      severity: "critical",
      subject: `eip155:31337:${subject}`,
      addresses: [`eip155:31337:${subject}`],
      block: { number: "2", hash: seen[1]!.blockHash },
      transaction: txHash,
      exploit_pattern: {
        detector: "outflow",
        version: "1.0.0",
        class: "damage",
        score: 0.5,
        evidence_sha256: hashOf(seen[1]!.evidence),
      },
    });
  });

  test("INT-05: the same findings give the same bytes, and a later status the same ids with a later date", () => {
    expect(JSON.stringify(toStix(options))).toBe(JSON.stringify(bundle));
    const [first, ...others] = options.findings;
    const retracted = { finding: first!.finding, status: findingStatus(first!.finding, "retracted", 4) };
    const later = toStix({ ...options, findings: [retracted, ...others] });
    const [before, after] = [bundle, later].map((b) => b.objects.find((object) => object.type === "sighting")!);
    expect(after!.id).toBe(before!.id);
    expect(after).toMatchObject({ revoked: true, created: before!.created });
    expect(after!.modified > before!.modified).toBe(true);
    expect(later.id).not.toBe(bundle.id);
  });

  test("INT-05: nothing under embargo leaves: not the incident, nor its findings, nor a word of them", () => {
    for (const held of [incident.incident, seen[1]!.id]) {
      const open = toStix({ ...options, embargoed: new Set([held]) });
      expect(typesIn(open)).toEqual(["identity", "extension-definition", "marking-definition"]);
      for (const { id } of seen) expect(JSON.stringify(open)).not.toContain(id);
    }
  });

  test.each(tlpLevels)("INT-05: it is marked TLP 2.0 %s by the published marking", (tlp) => {
    const marked = toStix({ ...options, tlp });
    expect(stixBundleSchema.parse(marked)).toEqual(marked);
    expect(marked.objects.find(({ type }) => type === "marking-definition")).toMatchObject({
      name: `TLP:${tlp.toUpperCase()}`,
    });
  });
});

test("a name-based UUID is the one that RFC 9562 gives as its example", () => {
  expect(uuidV5("6ba7b810-9dad-11d1-80b4-00c04fd430c8", "www.example.com")).toBe(
    "2ed6657d-e927-568b-95e1-2665a8aea6a2",
  );
});

test("INT-05: what could be attacked is a vulnerability with no sighting, and leaves the organisation in no bundle", () => {
  const found = identify({ ...body, class: "vulnerability", reason: "could be attacked" }) as Finding;
  const findings = [...options.findings, { finding: found, status: findingStatus(found) }];
  const { id: __, ...rest } = incident;
  const held = identify({ ...rest, incident: hashOf("held"), findings: [found.id] }) as Incident;
  for (const tlp of tlpLevels) {
    const bundle = toStix({ ...options, tlp, incidents: [incident, held], findings });
    expect(stixBundleSchema.parse(bundle)).toEqual(bundle);
    const isInside = tlp === "amber+strict" || tlp === "red";
    expect(typesIn(bundle).filter((type) => type === "vulnerability")).toHaveLength(isInside ? 1 : 0);
    expect(typesIn(bundle).filter((type) => type === "incident")).toHaveLength(isInside ? 2 : 1);
    expect(typesIn(bundle).filter((type) => type === "sighting")).toHaveLength(seen.length);
    expect(JSON.stringify(bundle).includes("could be attacked")).toBe(isInside);
  }
});

test("INT-05: what the watch says of itself is no threat, and stays", () => {
  const own = identify({ ...body, class: "health", reason: "node https://one is away" }) as Finding;
  const bundle = toStix({ ...options, findings: [...options.findings, { finding: own, status: findingStatus(own) }] });
  expect(JSON.stringify(bundle)).toBe(JSON.stringify(toStix(options)));
});

const settled: readonly (readonly [string, Partial<FindingStatus>])[] = [
  ["a prediction that did not come", { chain: "expired", work: "resolved" }],
  ["what a person called a false alarm", { work: "resolved", resolution: "false-positive" }],
  ["what a person called benign", { work: "resolved", resolution: "benign" }],
];
test.each(settled)("INT-05: %s is revoked", (_, said) => {
  const [first] = options.findings;
  const status = { ...findingStatus(first!.finding, "resolved", 4), ...said } as FindingStatus;
  const bundle = toStix({ ...options, incidents: [], findings: [{ finding: first!.finding, status }] });
  expect(bundle.objects.slice(3).map((object) => "revoked" in object && object.revoked)).toEqual([true, true]);
});

test("INT-05, PRE-01: what is predicted is an indicator that nobody has seen yet", () => {
  const prediction = { tx: txHash, sender: subject, nonce: 1n, untilBlock: 9n, tipWei: 0n, maxFeeWei: 0n };
  const foretold = identify({ ...body, prediction }) as unknown as Finding;
  const one = { ...incident, findings: [foretold.id] };
  const findings = [{ finding: foretold, status: findingStatus(foretold) }];
  const bundle = toStix({ ...options, incidents: [one], findings });
  expect(stixBundleSchema.parse(bundle)).toEqual(bundle);
  expect(typesIn(bundle).slice(3)).toEqual(["incident", "indicator", "note"]);
  const ids = bundle.objects.map(({ id }) => id as string);
  const note = bundle.objects.find(({ type }) => type === "note") as { object_refs: string[] };
  expect(note.object_refs.filter((ref) => !ids.includes(ref))).toEqual([]);
});
