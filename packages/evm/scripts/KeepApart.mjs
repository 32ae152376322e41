// Binaryen copies small functions to wherever they are called. In the loop that is what makes it fast; where code is decoded, once,
// and where cheat codes and the sweeping of memory stand, it makes the module 5 % longer and nothing faster.
const files = [
  "Constant",
  "Draft",
  "OpenBlock",
  "cheat",
  "decode",
  "decodeMask",
  "decodePush",
  "expectRevert",
  "forgetUnused",
  "fuse",
  "joinSequences",
  "prank",
  "sweepCodes",
  "tidy",
];

/** A transform of the AssemblyScript compiler: no function of these files is copied to its callers. */
export class KeepApart {
  afterCompile(module) {
    for (const file of files) {
      this.binaryen.setPassArgument("no-inline", `assembly/${file}/*`);
      module.runPasses(["no-inline"]);
    }
  }
}

/** Fails if one of the files has no function left in the module: it has another name now, or what is said here is not obeyed. */
export function assertApart(text) {
  const missing = files.filter((file) => !text.includes(`(func $assembly/${file}/`));
  if (missing.length > 0) throw new Error(`No function stands by itself of ${missing.join(", ")}.`);
}
