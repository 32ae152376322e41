import { isSameName, isSeen } from "@testudo/core/model/FalseAlarm";
import { z } from "zod";
import { secretRef } from "./channelSchema.ts";
import { list, strict } from "./fields.ts";

const nameError = "Allowed: a name of up to 100 characters, of which some are seen.";
const person = strict({
  name: z.string({ error: nameError }).refine(isSeen, { error: nameError }).max(100, { error: nameError }),
  token: secretRef,
});

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
