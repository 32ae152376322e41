const most = 200;

/**
 * `text` from outside as it may stand in a line comment of Solidity: printable ASCII in one line of at most 200 characters, without
 * what ends a comment, begins a tag, or is read by compiler or forge wherever it stands (licences, settings).
 */
export function commentText(text: string): string {
  const plain = text.replace(/[^ -~]|[*/\\@`]/g, " ").replace(/(SPDX|forge)-/gi, "$1 ");
  return plain.replace(/ +/g, " ").trim().slice(0, most);
}
