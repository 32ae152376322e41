import type { Baseline } from "./playBaseline.ts";
import type { PropertyAnswer } from "./readProperties.ts";

/** A property in the places where it was asked; null where it could not be. */
export interface PropertyVerdict {
  readonly name: string;
  /** It holds with the patch wherever it was asked. */
  readonly ok: boolean;
  /** Where the patch is in force and nothing has run, after the attack, and after the benign transactions alone. */
  readonly atBegin: boolean | null;
  readonly attacked: boolean | null;
  readonly peaceful: boolean | null;
  /** Where nothing is patched, before and after the attack. */
  readonly before: { readonly atBegin: boolean | null; readonly attacked: boolean | null };
}

/** What was answered with a patch; an empty list where it was not asked. */
export interface PropertiesTold {
  readonly atBegin: readonly PropertyAnswer[];
  readonly attacked: readonly PropertyAnswer[];
  readonly peaceful: readonly PropertyAnswer[];
}

/** The properties of `baseline` with a patch beside what they were without. */
export function judgeProperties(
  { properties, propertiesBefore: before }: Baseline,
  { atBegin, attacked, peaceful }: PropertiesTold,
): readonly PropertyVerdict[] {
  return (properties?.properties ?? []).map(({ name }, i) => {
    const told = [atBegin, attacked, peaceful].map((answers) => answers[i]?.holds ?? null);
    return {
      name,
      ok: told.every((holds) => holds === true),
      ...{ atBegin: told[0]!, attacked: told[1]!, peaceful: told[2]! },
      before: { atBegin: before.atBegin[i]!.holds, attacked: before.attacked[i]!.holds },
    };
  });
}
