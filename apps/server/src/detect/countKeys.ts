// JSON.parse takes the last of two fields of one name, other readers the first: two people would read two different trees
// in one text. So the fields in the text are counted and compared with those that were read.

/** The number of fields in a JSON text, which must be valid. */
export function countKeys(text: string): number {
  let count = 0;
  for (let at = text.indexOf('"'); at !== -1; ) {
    const end = endOfString(text, at + 1);
    let next = end + 1;
    while (isBlank(text.charCodeAt(next))) next += 1;
    if (text[next] === ":") count += 1;
    at = text.indexOf('"', next);
  }
  return count;
}

function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start); ; end = text.indexOf('"', end + 1)) {
    let slashes = 0;
    while (text[end - 1 - slashes] === "\\") slashes += 1;
    if (slashes % 2 === 0) return end;
  }
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}

/** The number of fields in all objects of a JSON value. Iterative, so that depth is no limit. */
export function countFields(value: unknown): number {
  let count = 0;
  const open: unknown[] = [value];
  while (open.length > 0) {
    const top = open.pop();
    if (top === null || typeof top !== "object") continue;
    if (Array.isArray(top)) for (const each of top) open.push(each);
    // Not by Object.values, which makes a list for each of thousands of calls; what JSON.parse gives inherits no fields.
    else
      for (const name in top) {
        count += 1;
        open.push((top as Record<string, unknown>)[name]);
      }
  }
  return count;
}
