/** Whether heads can be told at `url`: ws or wss, in full, without a fragment. */
export function isHeadUrl(url: string): boolean {
  return /^wss?:\/\//i.test(url) && URL.canParse(url) && !url.includes("#");
}
