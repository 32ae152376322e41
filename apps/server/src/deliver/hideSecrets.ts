const shortest = 4;

/** `text` with `…` for each of `secrets`, also where a URL or JSON has spelled it in its own way. */
export function hideSecrets(text: string, secrets: readonly string[]): string {
  let hidden = text;
  // The longest first: of one that holds another the rest would stay.
  for (const secret of [...secrets].sort((a, b) => b.length - a.length)) {
    if (secret.length < shortest) continue;
    const spellings = [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)];
    for (const spelling of spellings) hidden = hidden.replaceAll(spelling, "…");
  }
  return hidden;
}
