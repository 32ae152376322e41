/** `url` as a base to which relative paths are added. */
export function withSlash(url: string): string {
  return url.endsWith("/") ? url : `${url}/`;
}
