// Contracts whose intent is known, made on recorded states: what a probe says of them before anybody calls them.
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { compile } from "@testudo/contracts/compile";
import { type Address, type Hex, toLower } from "@testudo/core/model/Hex";
import { encodeDeployData } from "viem/utils";
import { type Incident, incidents } from "../incidents/incidents.ts";

/** One contract on the state before an incident, near what the incident's victim would have protected. */
export interface Deployment {
  readonly name: string;
  readonly kind: "open" | "keyed" | "honest";
  /** The recorded state. */
  readonly file: string;
  readonly protect: readonly Address[];
  readonly creation: Hex;
}

const honest = ["Lookout", "Savings", "Payroll"] as const;

/**
 * Of each incident that a contract did: the attack, open to anybody; the attack carried by a contract that lets it loose for its
 * maker with a key; and, where the victim holds a token, three honest contracts that name victim and token. `folder` is that of
 * the recorded states.
 */
export function deploymentsIn(folder: string): Deployment[] {
  return incidents
    .filter((incident: Incident) => incident.callFile === undefined)
    .flatMap((incident) =>
      [...attacksOf(incident), ...honestOf(incident)].map((one) => ({ ...one, file: join(folder, incident.file) })),
    );
}

type Unplaced = Omit<Deployment, "file">;

function attacksOf({ slug, protect }: Incident): Unplaced[] {
  const attack = compiled(`incidents/${slug}/Attack.sol`).Attack!.bytecode;
  const keyed = encodeDeployData({ ...compiled("deployments/Keyed.sol").Keyed!, args: [attack] });
  const watched = protect.map(toLower);
  return [
    { name: `${slug}, open`, kind: "open", protect: watched, creation: toLower(attack) },
    { name: `${slug}, keyed`, kind: "keyed", protect: watched, creation: toLower(keyed) },
  ];
}

function honestOf({ slug, protect, holdings: [held] }: Incident): Unplaced[] {
  if (held === undefined || held.asset === "native") return [];
  const made = compiled("deployments/Honest.sol");
  return honest.map((name) => ({
    name: `${slug}, ${name}`,
    kind: "honest",
    protect: protect.map(toLower),
    creation: toLower(encodeDeployData({ ...made[name]!, args: [held.holder, held.asset] })),
  }));
}

// Solidity is not copied into the build, so the path leads back to the source from there too.
function compiled(path: string): ReturnType<typeof compile> {
  return compile([fileURLToPath(new URL(`../../src/${path}`, import.meta.url))]);
}
