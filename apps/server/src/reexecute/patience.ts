/** How long a block may take to be executed, where a node has `timeoutMs` for an answer: as long as a node that traces it may. */
export function patienceMs(timeoutMs: number): number {
  return timeoutMs * 2;
}

/** What is said of a block that is not done in that time. */
export function tooLong(timeoutMs: number): string {
  return `it takes longer than ${patienceMs(timeoutMs)} ms.`;
}
