const fewest = "0x".length + 8;

/** Whether `given`, an id as somebody typed it or no less than its first 8 digits, means `id`. As alerts have it, 0x may be left out. */
export function meansId(given: string, id: string): boolean {
  return isEnough(given) && id.startsWith(hexOf(given));
}

/** Whether `given` is long enough to mean anything: 8 digits. */
export function isEnough(given: string): boolean {
  return hexOf(given).length >= fewest;
}

function hexOf(given: string): string {
  const lower = given.toLowerCase();
  return lower.startsWith("0x") ? lower : `0x${lower}`;
}
