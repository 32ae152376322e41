/** `Kind` of the breaker: what may be paused and lies in the target, and what is asked of the breaker. */
export const [inline, external] = [1, 3];

/** Whether a function of this `Kind` may be paused, or have a rule. */
export function isPausable(kind: number): boolean {
  return kind === inline || kind === external;
}
