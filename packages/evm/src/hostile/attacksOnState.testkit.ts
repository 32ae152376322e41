import { type Attack, attack, counting } from "./Attack.testkit.ts";

/** Tables, and the journal of what changed in them. */
export const attacksOnState: readonly Attack[] = [
  attack("transient slots", counting("DUP1 DUP1 TSTORE")),
  attack("slots written", counting("DUP1 DUP1 SSTORE")),
  attack("slots read", counting("DUP1 SLOAD POP")),
  attack("accounts looked at", counting("DUP1 0xabcdef0000000000 MUL BALANCE POP")),
  attack("accounts called", counting("0 0 0 0 1 DUP6 0xabcdef0000000000 MUL GAS CALL POP")),
];
