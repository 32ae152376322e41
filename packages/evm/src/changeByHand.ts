import { assertWord } from "./assertFits.ts";
import type { Engine } from "./Engine.ts";
import type { Address } from "./hex.ts";
import { drive, type Give } from "./Miss.ts";
import type { World } from "./World.ts";

type ByHand = "setBalance" | "setNonce" | "setCode" | "setStorage";

/**
 * Changes of state that no run makes. `changing` gives the index of an account that is loaded: what it held must be known, since a
 * rollback gives it back.
 */
export function changeByHand(world: World, changing: (address: Address) => number, give?: Give): Pick<Engine, ByHand> {
  return {
    setBalance(address, wei) {
      assertWord(wei);
      const index = changing(address);
      const now = world.balanceOf(index);
      if (wei > now) world.credit(index, wei - now);
      else world.debit(index, now - wei);
    },
    setNonce: (address, nonce) => world.setNonce(changing(address), nonce),
    setCode: (address, code) => world.setCode(changing(address), code),
    setStorage(address, key, value) {
      const index = changing(address);
      drive(world.needSlot(index, key), give);
      world.setStorage(index, key, value);
    },
  };
}
