/** A call tree cannot be judged: it is no call tree, or too much of one. Not retryable. */
export class TraceFault extends Error {
  override readonly name = "TraceFault";
  constructor(what: string, allowed: string, wayOut: string, options?: ErrorOptions) {
    super(`${what}\n- ${allowed}\n- ${wayOut}`, options);
  }
}
