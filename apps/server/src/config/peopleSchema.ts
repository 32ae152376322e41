import { isSameName } from "@testudo/core/model/FalseAlarm";
import { secretRef } from "./channelSchema.ts";
import { filled, list, strict } from "./fields.ts";

const person = strict({ name: filled("a name of up to 100 characters").max(100), token: secretRef });

/** People with tokens of their own. */
export const peopleSchema = list(person, 0, 64, "people")
  .default([])
  .superRefine((people, context) => {
    people.forEach(({ name }, i) => {
      const first = people.findIndex((other) => isSameName(other.name, name));
      if (first === i) return;
      const message = `Allowed: each person once, in whatever spelling; this is people[${first}] again.`;
      context.addIssue({ code: "custom", path: [i, "name"], message });
    });
  });
