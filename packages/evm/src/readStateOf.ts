import type { Engine } from "./Engine.ts";
import type { World } from "./World.ts";

/** What can be read of the state without asking anybody. */
export function readStateOf(world: World): Pick<Engine, "account" | "slot" | "accounts"> {
  return {
    account(address) {
      const index = world.find(address);
      if (index === undefined) return undefined;
      const { balance, nonce, code } = world.at(index);
      return { balance, nonce, code, storage: world.storageOf(index) };
    },
    slot(address, key) {
      const index = world.find(address);
      return index === undefined ? undefined : world.slotOf(index, key);
    },
    accounts() {
      const seen = world.all().map((account, index) => [account, index] as const);
      const there = seen.filter(([{ isThere }]) => isThere);
      return new Map(
        there.map(([{ address, balance, nonce, code }, index]) => [
          address,
          { balance, nonce, code, storage: world.storageOf(index) },
        ]),
      );
    },
  };
}
