// Loads an edited configuration in a process of its own, and tells the texts that it was loaded from.
import { ConfigError } from "../config/ConfigError.ts";
import { loadConfig } from "../config/loadConfig.ts";
import { tellApart } from "../config/tellApart.ts";
import type { Edited } from "./readEdited.ts";

void tellApart(async (path): Promise<Edited> => {
  try {
    return { kind: "sound", sources: (await loadConfig(path!)).sources };
  } catch (error) {
    if (error instanceof ConfigError) return { kind: "wrong", mistakes: error.mistakes };
    throw error;
  }
});
