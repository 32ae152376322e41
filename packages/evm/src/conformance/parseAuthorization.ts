import { recoverAuthority } from "../recoverAuthority.ts";
import { readAddress, readObject, readOptional, readQuantity } from "./readField.ts";
import type { StateTestAuthorization } from "./StateTestEngine.ts";

/** One delegation of EIP-7702. Whom its signature names is its authority; `signer` is believed only where none is given. */
export function parseAuthorization(json: unknown, where: string): StateTestAuthorization {
  const entry = readObject(json, where);
  const number = (field: string) => readOptional(entry[field], `${where}.${field}`, readQuantity);
  const delegation = {
    chainId: readQuantity(entry.chainId, `${where}.chainId`),
    address: readAddress(entry.address, `${where}.address`),
    nonce: readQuantity(entry.nonce, `${where}.nonce`),
  };
  const [yParity, r, s] = [number("yParity") ?? number("v"), number("r"), number("s")];
  if (yParity === undefined && r === undefined && s === undefined)
    return { ...delegation, authority: readAddress(entry.signer, `${where}.signer`) };
  const signature = {
    yParity: yParity ?? readQuantity(entry.v, `${where}.v`),
    r: readQuantity(entry.r, `${where}.r`),
    s: readQuantity(entry.s, `${where}.s`),
  };
  return { ...delegation, signature, authority: recoverAuthority(delegation, signature) };
}
