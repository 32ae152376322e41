// Checks a configuration in a process of its own: the clock has to stand outside of what loads the file.
import { tellApart } from "../../config/tellApart.ts";
import { checkConfig } from "./checkConfig.ts";

void tellApart((path) => checkConfig(path!, BigInt(Math.floor(Date.now() / 1_000))));
