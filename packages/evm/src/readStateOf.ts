import type { Engine } from "./Engine.ts";
import { drive, type Give } from "./Miss.ts";
import type { World } from "./World.ts";

/** What can be read of the state without asking anybody who does not answer at once. */
export function readStateOf(world: World, give?: Give): Pick<Engine, "account" | "slot" | "accounts"> {
  return {
    account(address) {
      const index = give === undefined ? world.find(address) : drive(world.need(address), give);
      if (index === undefined) return undefined;
      const { balance, nonce, code } = world.at(index);
      return { balance, nonce, code, storage: world.storageOf(index) };
    },
    slot(address, key) {
      if (give !== undefined) return drive(world.needSlot(drive(world.need(address), give), key), give);
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
