// Every mistake in a configuration is told the same way: the place, what stands there, what is allowed, the way out.

/** A place in a configuration file; lines and columns count from 1. */
export interface Place {
  readonly file: string;
  readonly line?: number;
  readonly column?: number;
}

/** One mistake. `allowed` and `wayOut` become a line each. */
export interface Mistake {
  readonly place: Place;
  readonly what: string;
  readonly allowed: string;
  readonly wayOut: string;
}

/** `file:line:column`, as editors and terminals know it. */
export function placeText({ file, line, column }: Place): string {
  return [file, line, line === undefined ? undefined : column].filter((part) => part !== undefined).join(":");
}

/** The mistake that `error` tells of, at `place`: our errors have a line for what is allowed, and one for the way out. */
export function mistakeOfError(place: Place, error: unknown): Mistake {
  const [what = "", allowed = "It has to be usable as it is named.", wayOut = "Correct it."] = (
    error instanceof Error ? error.message : String(error)
  ).split("\n- ");
  return { place, what, allowed, wayOut };
}

/** A mistake as it is told, in three lines. */
export function mistakeText({ place, what, allowed, wayOut }: Mistake): string {
  return `${placeText(place)} ${what}\n- ${allowed}\n- ${wayOut}`;
}

/** A configuration that cannot be used. Not retryable: a person has to edit the file. */
export class ConfigError extends Error {
  override readonly name: string = "ConfigError";
  readonly mistakes: readonly Mistake[];
  constructor(mistakes: readonly Mistake[], cause?: unknown) {
    super(mistakes.map(mistakeText).join("\n"), cause === undefined ? {} : { cause });
    this.mistakes = mistakes;
  }
}
