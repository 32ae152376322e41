import { scanBare } from "./bareLoop.mjs";
import { serveRounds } from "./serveRounds.mjs";

serveRounds((load) => scanBare(load));
