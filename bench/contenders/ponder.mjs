import { scanPonder } from "./scanPonder.mjs";
import { serveRounds } from "./serveRounds.mjs";

serveRounds(scanPonder);
