import { secp256k1 } from "@noble/curves/secp256k1.js";

/**
 * The public key, 65 bytes, whose signature of the hash this is; undefined where no key made it. `isOdd` is the parity of the
 * commitment's y. A high s is taken: whoever does not want it looks himself.
 */
export function recoverKey(hash: Uint8Array, isOdd: boolean, r: bigint, s: bigint): Uint8Array | undefined {
  try {
    return new secp256k1.Signature(r, s)
      .addRecoveryBit(isOdd ? 1 : 0)
      .recoverPublicKey(hash)
      .toBytes(false);
  } catch {
    // r or s is out of range, r the abscissa of no point, or the key would be infinity.
    return undefined;
  }
}
