/** A part of 1 as a person reads it: "12.5 %". */
export function percent(part: number): string {
  return `${(part * 100).toFixed(1)} %`;
}
