/** `text` as the name of an environment variable. */
export function variableOf(text: string): string {
  const name = text.toUpperCase().replace(/\W/g, "_").slice(0, 90);
  return /^[A-Z_]/.test(name) ? name : `_${name}`;
}

export function isVariable(text: string): boolean {
  return /^[A-Za-z_]\w{0,99}$/.test(text);
}
