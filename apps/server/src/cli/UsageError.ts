/** What was asked cannot be meant: wrong options, nothing to work on. The program ends with exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
  constructor(what: string, allowed: string, wayOut: string) {
    super(`${what}\n- ${allowed}\n- ${wayOut}`);
  }
}

/** The answer is no: a check failed. The text has been printed already; the program ends with exit code 1. */
export class AnsweredNo extends Error {
  override readonly name = "AnsweredNo";
}
