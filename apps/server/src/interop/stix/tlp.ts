import type { StixObject } from "./Stix.ts";

/** Traffic Light Protocol 2.0, from public to named recipients only. */
export const tlpLevels = ["clear", "green", "amber", "amber+strict", "red"] as const;
export type Tlp = (typeof tlpLevels)[number];

type Marking = Extract<StixObject, { type: "marking-definition" }>;

// Published by the OASIS CTI committee (cti-stix-common-objects, tlp-2.0): ids and date are theirs, receivers know them.
const extension = "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d";
const ids: Readonly<Record<Tlp, Marking["id"]>> = {
  clear: "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487",
  green: "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb",
  amber: "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421",
  "amber+strict": "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003",
  red: "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1",
};

/** The marking object of `level`. */
export function tlpMarking(level: Tlp): Marking {
  return {
    type: "marking-definition",
    spec_version: "2.1",
    id: ids[level],
    created: "2022-10-01T00:00:00.000Z",
    name: `TLP:${level.toUpperCase()}`,
    extensions: { [extension]: { extension_type: "property-extension", tlp_2_0: level } },
  };
}
