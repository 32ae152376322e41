// Runs a configuration in a process of its own and tells its data folder.
import { evaluateDataDir } from "./evaluateDataDir.ts";
import { tellApart } from "./tellApart.ts";

void tellApart((path) => evaluateDataDir(path!));
