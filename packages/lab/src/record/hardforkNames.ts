/** Rules that there are, by name, oldest first. Written out, so that a name is checked without loading an engine. */
export const hardforkNames = [
  ...["chainstart", "homestead", "dao", "tangerineWhistle", "spuriousDragon", "byzantium", "constantinople"],
  ...["petersburg", "istanbul", "muirGlacier", "berlin", "london", "arrowGlacier", "grayGlacier", "paris"],
  ...["mergeNetsplitBlock", "shanghai", "cancun", "prague", "osaka", "bpo1", "bpo2", "amsterdam"],
] as const satisfies readonly string[];

/** Whether there are rules of this name. */
export function isHardfork(name: string): boolean {
  return (hardforkNames as readonly string[]).includes(name);
}
