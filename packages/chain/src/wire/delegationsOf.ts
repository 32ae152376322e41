import type { Delegation } from "@testudo/core/model/BlockBundle";
import type { Authorization } from "@testudo/core/model/Evm";
import { toLower } from "@testudo/core/model/Hex";
import * as Signed from "ox/Authorization";
import * as Secp256k1 from "ox/Secp256k1";

/**
 * Who signed `list`, and for whose code, in its order. A signature that names nobody is left out, as the chain passes over it. Whether an
 * authorization came into force (its nonce, its chain) is not looked into: whoever signed it for anybody to use is tied to it.
 */
export function delegationsOf(list: readonly Authorization[]): Delegation[] {
  return list.flatMap(({ chainId, address, nonce, yParity, r, s }): Delegation[] => {
    try {
      const payload = Signed.getSignPayload({ chainId: Number(chainId), address, nonce: BigInt(nonce) });
      const signature = { r: BigInt(r), s: BigInt(s), yParity: Number(yParity) };
      return [{ authority: toLower(Secp256k1.recoverAddress({ payload, signature })), to: address }];
    } catch {
      return [];
    }
  });
}
