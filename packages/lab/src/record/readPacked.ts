import { gunzipSync } from "node:zlib";

/** Most that a file may unpack to where nobody says less, in bytes: the state of a full block is a tenth of it. */
const unpackedMax = 512 * 1024 * 1024;

/** The JSON in `bytes`, gzip or plain. Throws what the first fault throws. */
export function readPacked(bytes: Uint8Array, maxOutputLength = unpackedMax): unknown {
  const isPacked = bytes[0] === 0x1f && bytes[1] === 0x8b;
  return JSON.parse(new TextDecoder().decode(isPacked ? gunzipSync(bytes, { maxOutputLength }) : bytes));
}
