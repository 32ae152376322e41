/** A role and what whoever holds it can do, at most. */
export interface RoleText {
  readonly role: string;
  readonly text: string;
}

export function percentOf(bps: number): string {
  return `${bps / 100} %`;
}

/** `seconds` in the largest unit that says them exactly. */
export function durationOf(seconds: number): string {
  if (seconds % 86_400 === 0) return `${seconds / 86_400} d`;
  if (seconds % 3_600 === 0) return `${seconds / 3_600} h`;
  return seconds % 60 === 0 ? `${seconds / 60} min` : `${seconds} s`;
}
