/** Whether `given`, an id as somebody typed it or no less than its first 8 digits, means `id`. */
export function meansId(given: string, id: string): boolean {
  return isEnough(given) && id.startsWith(given.toLowerCase());
}

/** Whether `given` is long enough to mean anything: 0x and 8 digits. */
export function isEnough(given: string): boolean {
  return given.length >= 10;
}
