// Linear counting (Whang et al. 1990): a bit for each of 2,048 places that a name may fall on. At 1,000 names the estimate is off by
// some 2 %, and however often a name comes it counts once.
const places = 2_048;
const digits = places / 4;

/** An empty sketch, as hexadecimal digits. */
export const emptySketch = "0".repeat(digits);

/** `sketch` with `name` (hexadecimal digits, of which the last eight count) in it. */
export function withName(sketch: string, name: string): string {
  const place = mix(Number.parseInt(name.slice(-8), 16)) % places;
  const at = place >> 2;
  const digit = Number.parseInt(sketch[at]!, 16) | (1 << (place & 3));
  return `${sketch.slice(0, at)}${digit.toString(16)}${sketch.slice(at + 1)}`;
}

/** How many different names a sketch holds, about. */
export function distinctIn(sketch: string): number {
  let empty = 0;
  for (const digit of sketch) {
    const bits = Number.parseInt(digit, 16);
    empty += 4 - ((bits & 1) + ((bits >> 1) & 1) + ((bits >> 2) & 1) + ((bits >> 3) & 1));
  }
  return empty === 0 ? places * 8 : Math.round(-places * Math.log(empty / places));
}

// The finaliser of MurmurHash3: names that follow on each other fall anywhere.
function mix(value: number): number {
  let h = value >>> 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
