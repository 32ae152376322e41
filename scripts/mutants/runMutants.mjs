// Breaks one line after another and sees whether a test notices.
import { mutate } from "./mutantsOf.mjs";
import { serveSolc } from "./solcServer.mjs";
import { testsOf } from "./testsOf.mjs";
import { kinds, makeTree, runTests, writeInTree } from "./testTree.mjs";

/**
 * Tells `onOutcome(mutant, outcome)` of each of `mutants`, one by one, until `isOver()`: "killed", "survived" or
 * "uncompiled". Throws where tests fail on the sources as they are. An outcome that came while the run was being ended is
 * not told: whatever ended the run may have ended the tests.
 */
export async function runMutants(mutants, texts, isOver, onOutcome) {
  for (const kind of Object.keys(kinds)) makeTree(kind);
  const compiler = await serveSolc();
  const kindsOf = new Map();
  try {
    for (const mutant of mutants) {
      if (isOver()) return;
      const outcome = await outcomeOf(mutant, texts, compiler.settings, kindsOf);
      if (isOver.byHand()) return;
      onOutcome(mutant, outcome);
    }
  } catch (error) {
    if (!isOver.byHand()) throw error;
  } finally {
    compiler.close();
  }
}

async function outcomeOf(mutant, texts, compiler, kindsOf) {
  const text = texts.get(mutant.file);
  for (const tests of testsOf(mutant.file, texts)) {
    const name = tests.join(", ");
    if (!kindsOf.has(name)) kindsOf.set(name, await soundKind(tests, compiler));
    const kind = kindsOf.get(name);
    writeInTree(kind, mutant.file, mutate(text, mutant));
    const outcome = await runTests(kind, tests, compiler);
    writeInTree(kind, mutant.file, text);
    if (outcome !== "passed") return outcome === "failed" ? "killed" : "uncompiled";
  }
  return "survived";
}

// A test that fails anyway would kill every mutant. Some hold a gas figure, which plain code does not keep.
async function soundKind(tests, compiler) {
  for (const kind of Object.keys(kinds)) if ((await runTests(kind, tests, compiler)) === "passed") return kind;
  throw new Error(`Tests of the unbroken sources fail: ${tests.join(", ")}.\n- Make them pass first.`);
}
