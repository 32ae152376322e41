/** A call tree cannot be judged: it is no call tree, or too much of one. Not retryable. */
export class TraceFault extends Error {
  override readonly name = "TraceFault";
  /** What it was made of, for whoever tells it elsewhere. */
  readonly parts: readonly [what: string, allowed: string, wayOut: string];
  constructor(what: string, allowed: string, wayOut: string, options?: ErrorOptions) {
    super(`${what}\n- ${allowed}\n- ${wayOut}`, options);
    this.parts = [what, allowed, wayOut];
  }
}
