/** What was asked cannot be meant: wrong options, nothing to work on. The program ends with exit code 2. */
export class UsageError extends Error {
  override readonly name: string = "UsageError";
  constructor(what: string, allowed: string, wayOut: string, options?: ErrorOptions) {
    super(`${what}\n- ${allowed}\n- ${wayOut}`, options);
  }
}
