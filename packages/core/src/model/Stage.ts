/** What of an attack a finding shows, in the order in which attacks go. */
export const stages = ["funding", "preparation", "exploitation", "laundering"] as const;
export type Stage = (typeof stages)[number];

// Detectors that see something before or after the harm. All others see the attack itself.
const byId: { readonly [detector: string]: Stage } = {
  "mixer-funding": "funding",
  "suspicious-deploy": "preparation",
  "flash-vote": "preparation",
  "bad-proposal": "preparation",
  "approval-phish": "preparation",
  "admin-change": "preparation",
  "oracle-writer": "preparation",
  laundering: "laundering",
};

/** The stage of a detector: its own word, else by its id. */
export function stageOf({ id, stage }: { readonly id: string; readonly stage?: Stage }): Stage {
  return stage ?? byId[id] ?? "exploitation";
}
