// Token names, revert strings and events are written by attackers (DELIV-04).

// Colour sequences go as a whole: without their first byte the rest would stay behind as text.
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const sequences = /\u001b\[[0-?]*[ -/]*[@-~]/g;
// Control and format characters (escape, bidirectional overrides, zero width, tags), line separators, lone surrogates, and what
// no font shows: between letters of a name it makes another of it that looks the same, and before a stop it hides a host.
const unprintable = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Default_Ignorable_Code_Point}]/gu;
const piledMarks = /(\p{M}{2})\p{M}+/gu;

/** `text` as one printable line of at most `limit` characters, without links: what a terminal may show. */
export function escapeLine(text: string, limit = 400): string {
  const plain = text
    .slice(0, limit * 4)
    .replace(sequences, "")
    .replace(/[\r\n\t\u2028\u2029]+/g, " ")
    .replace(unprintable, "")
    .replace(piledMarks, "$1")
    // Terminals make a link of what looks like one.
    .replaceAll("://", "[://]");
  const characters = [...plain];
  return characters.length > limit ? `${characters.slice(0, limit - 1).join("")}…` : plain;
}

/** `text` as printable lines, at most `lines`; a reader sees from the caller's prefix that all of them are quoted. */
export function escapeLines(text: string, lines = 20): string[] {
  const all = text.split(/\r\n|\r|\n/);
  const shown = all.slice(0, lines).map((line) => escapeLine(line));
  return all.length > lines ? [...shown, `… ${all.length - lines} more lines`] : shown;
}
