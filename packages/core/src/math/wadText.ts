const one = 10n ** 18n;

/** A WAD (10^18 = 1), not below zero, as a decimal number for people: at most six places, the rest cut off. */
export function wadText(wad: bigint): string {
  const places = (wad % one).toString().padStart(18, "0").slice(0, 6).replace(/0+$/, "");
  return `${wad / one}${places === "" ? "" : `.${places}`}`;
}
