// Makes the empty database that a first start copies, unless it is there. A part of the build.
import { prepareDatabase } from "../apps/server/dist/store/prepareDatabase.js";

await prepareDatabase();
