/** A policy that may not be. Not retryable. */
export class PolicyRefused extends Error {
  override readonly name = "PolicyRefused";
  constructor(what: string, allowed: string, wayOut: string) {
    super(`${what}\n- ${allowed}\n- ${wayOut}`);
  }
}
