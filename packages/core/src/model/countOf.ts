/** `count` things, in words: "1 node", "2 nodes"; `things` where an "s" does not do. */
export function countOf(count: number | bigint, thing: string, things = `${thing}s`): string {
  return `${count} ${Number(count) === 1 ? thing : things}`;
}
