import { type HeadSource, openHeadSource } from "@testudo/chain/heads/openHeadSource";
import { redactUrl } from "@testudo/chain/rpc/redactUrl";

/** The sockets at `urls`. Those that differ only by their key are told apart by number. Throws `HeadUrlRefused`. */
export function openHeads(urls: readonly string[]): readonly HeadSource[] {
  const labels = urls.map(redactUrl);
  return urls.map((url, i) => {
    const nth = labels.slice(0, i + 1).filter((label) => label === labels[i]).length;
    return openHeadSource(url, { label: nth === 1 ? labels[i]! : `${labels[i]} (${nth})` });
  });
}
