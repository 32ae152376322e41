// Of a shorter text all that comes of it fits anywhere.
const leastChars = 16 * 2 ** 20;
const charsOfValue = 16;
// Drawn anew each time, so that nobody knows where to hide; so many tell a share of one in 30 from one of 16 for sure.
const samples = 2 ** 14;
const [comma, bracket, brace] = [0x2c, 0x5b, 0x7b];

/**
 * Whether the JSON `text` is long and of so many parts that they would take many times its room: an empty list has two characters, and
 * some fifty bytes in memory. Of what chains answer a value has thirty or more. It is looked at in places: reading all takes as long as
 * parsing.
 */
export function isCrumbled(text: string): boolean {
  if (text.length < leastChars) return false;
  let begun = 0;
  for (let i = 0; i < samples; i++) {
    const char = text.charCodeAt(Math.floor(Math.random() * text.length));
    if (char === comma || char === bracket || char === brace) begun += 1;
  }
  return begun * charsOfValue > samples;
}
