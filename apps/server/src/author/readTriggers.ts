import { isAddress, toLower } from "@testudo/core/model/Hex";
import type { TriggerPlace } from "@testudo/core/model/Trigger";
import type { TxTrigger } from "./DetectorDefinition.ts";

type Refuse = (what: string) => never;

/** `only` of `app.tx` as transactions are compared with it: in lower case. What no transaction could pull is refused with what is allowed. */
export function readTriggers(only: readonly TxTrigger[], refuse: Refuse): readonly TxTrigger[] {
  if (!Array.isArray(only) || only.length === 0) return refuse("at least one trigger, or none of the list");
  return only.map((trigger: TxTrigger): TxTrigger => {
    const at = readPlaces(trigger.at, refuse);
    if (trigger.kind === "party") return { kind: "party", at };
    if (trigger.kind !== "entry") return refuse("triggers of kind entry or party");
    if (!/^0x[0-9a-fA-F]{8}$/.test(trigger.selector)) return refuse("a selector of four bytes with an entry");
    return { kind: "entry", selector: toLower(trigger.selector), at };
  });
}

function readPlaces(at: TriggerPlace, refuse: Refuse): TriggerPlace {
  if (at === "any" || at === "watched") return at;
  if (!Array.isArray(at) || at.length === 0) return refuse('"any", "watched" or at least one address as `at`');
  return at.map((address) =>
    isAddress(address) ? toLower(address) : refuse(`an address as \`at\`, not "${address}"`),
  );
}
