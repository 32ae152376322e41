/** What a trial calls a transaction of the attack that was sent again after the pause. */
export const attackCallName = "the attack's own call";
