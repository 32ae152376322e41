const patterns = [/^(0x)?[0-9a-f]{64}$/i, /^([a-z]+\s+){11,23}[a-z]+$/, /^age-secret-key-/i];

/** Whether `text` reads like a private key, of age too, or a seed phrase, which may not end up in a log wherever somebody typed it. */
export function looksSecret(text: string): boolean {
  return patterns.some((pattern) => pattern.test(text.trim()));
}

/** `text` in quotes, or that it is not shown because it may be a key. */
export function quoted(text: string): string {
  return looksSecret(text) ? "(not shown: it looks like a key)" : `"${text}"`;
}
