import type { Address } from "../../model/Hex.ts";
import type { Sign } from "./Sign.ts";
import { isCreation, type Story } from "./Story.ts";

/**
 * Helpers (weight 1, 1.5 from 4 of them): contracts that the actors' own code created in this transaction go on to call
 * outsiders in it. Factories are outsiders, and what they create acts for somebody else.
 * Constructor (weight 1): the transaction itself is a creation, and what it creates calls outsiders.
 *
 * An attack leaves no code behind to be read before it strikes, or needs many identities. Evasion: deploying earlier.
 */
export function findHelpers(story: Story): Sign[] {
  const callers = new Set(story.direct.map((v) => v.parent!.context));
  const root = story.visits[0]!;
  const helpers = story.visits.filter(
    (v) =>
      isCreation(v) &&
      !v.reverted &&
      v.parent !== undefined &&
      story.actors.has(v.parent.context) &&
      callers.has(v.frame.to),
  );
  const signs: Sign[] = [];
  const victims = (makers: ReadonlySet<Address>) => [
    ...new Set(story.direct.flatMap((v) => (makers.has(v.parent!.context) ? [v.context] : []))),
  ];
  if (helpers.length > 0)
    signs.push({
      name: "helpers",
      weight: helpers.length >= 4 ? 1.5 : 1,
      victims: victims(new Set(helpers.map((v) => v.frame.to))),
      count: helpers.length,
    });
  if (isCreation(root) && !root.reverted && story.direct.length > 0)
    signs.push({ name: "constructor", weight: 1, victims: victims(callers), count: story.direct.length });
  return signs;
}
