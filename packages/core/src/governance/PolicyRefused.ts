/** A policy that may not be. Not retryable. */
export class PolicyRefused extends Error {
  override readonly name = "PolicyRefused";
  /** Where in the policy it stands, from the outside in. */
  readonly path: readonly (string | number)[];
  constructor(path: readonly (string | number)[], what: string, allowed: string, wayOut: string) {
    super(`${what}\n- ${allowed}\n- ${wayOut}`);
    this.path = path;
  }
}
