/**
 * The environment variable `name`, for what should not stand in a file: secrets, node addresses with keys.
 * Throws EnvMissing when it is unset or empty.
 */
export function env(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === "") throw new EnvMissing(name, value === "");
  return value;
}

/** A configuration asks for an environment variable that is not there. */
export class EnvMissing extends Error {
  override readonly name = "EnvMissing";
  readonly variable: string;
  constructor(variable: string, isEmpty: boolean) {
    super(
      `Environment variable "${variable}" is ${isEmpty ? "empty" : "not set"}.\n` +
        "- The configuration reads it with env() and needs a value.\n" +
        `- Start with ${variable}=… in the environment; only a value that is no secret may stand in the file.`,
    );
    this.variable = variable;
  }
}
