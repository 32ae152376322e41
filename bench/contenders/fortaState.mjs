import { scanForta } from "./scanForta.mjs";
import { serveRounds } from "./serveRounds.mjs";

serveRounds((load) => scanForta(load, { withTraces: true, withState: true }));
