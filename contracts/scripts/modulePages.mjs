// Lays the documentation of the modules out as pages of Markdown, one a module and an index.
import { basename, dirname } from "node:path";
import { homeOf, isOurs, ours, ownEntries, signatureOf, textsOf } from "./documentedMembers.mjs";
import { cell, code, joined, prose, table } from "./markdown.mjs";

/** Page name → text, for every contract that lies in contracts/src/ or its adapters/. */
export function modulePages(units) {
  const all = Object.entries(units).flatMap(([unit, { contracts }]) => contracts.map((c) => ({ ...c, unit })));
  const byId = new Map(all.map((contract) => [contract.id, contract]));
  const shapes = new Map(Object.values(units).flatMap((unit) => unit.shapes.map((shape) => [shape.name, shape])));
  const modules = all
    .filter(
      ({ unit, name }) => /^contracts\/src\/(adapters\/)?\w+\.sol$/.test(unit) && basename(unit) === `${name}.sol`,
    )
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map((contract) => describe(contract, byId, all));
  const pages = modules.map((module) => [`${module.name}.md`, pageOf(module, shapes)]);
  return new Map([["README.md", indexOf(modules)], ...pages]);
}

/** A contract with its bases, most derived first, and the interface of ours that describes it, if there is one. */
function describe(contract, byId, all) {
  const bases = contract.bases.map((id) => byId.get(id));
  const face = bases.find((base) => base.name === `I${contract.name}`);
  const [own, described] = [contract, face].map((c) => tagsOf(c?.text ?? ""));
  const title = /^I?[A-Z]\w*$/.test(own.title) && described.title ? described.title : own.title;
  const texts = { title: sentence(title), notice: own.notice || described.notice, dev: [described.dev, own.dev] };
  return { ...contract, ...texts, bases, face, all };
}

/** The tags of a documentation comment that are told; a tag goes on until the next. */
function tagsOf(text) {
  const tags = { title: "", notice: "", dev: "" };
  for (const [, tag, body] of text.matchAll(/@(\w+) ([^@]*)/g)) if (tag in tags) tags[tag] += body.trimEnd();
  return tags;
}

// "Mixin: asks …" and "IFlowLimiter: a bounded leak …" say what follows the colon.
function sentence(title) {
  const rest = title.replace(/^(?:I?[A-Z][A-Za-z0-9]*): /, "");
  const text = rest.charAt(0).toUpperCase() + rest.slice(1);
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

function indexOf(modules) {
  const row = ({ name, title }) => `| [${name}](${name}.md) | ${cell(title)} |`;
  const part = (folder) =>
    modules.filter(({ unit }) => dirname(unit) === `${ours}${folder}`.replace(/\/$/, "")).map(row);
  return joined([
    "# The contracts, module by module",
    "Made from the NatSpec of the sources by `npm run docs`; a page is corrected in its source. What must hold of a module, and\nwhich test shows it, stands in [docs/requirements](../requirements).",
    "## Modules",
    table("module", "what it is", part("")),
    "## Adapters",
    table("adapter", "what it is", part("adapters")),
  ]);
}

function pageOf(module, shapes) {
  const { name, unit, face, title, notice, dev } = module;
  const link = (path) => `[${path}](../../${path})`;
  const sources = [unit, face?.unit].filter(Boolean).map(link).join(", ");
  return joined([
    `# ${name}`,
    `**${title}**`,
    prose(notice),
    ...dev.map(prose),
    `Source: ${sources}`,
    ...constructorOf(module),
    ...modifiersOf(module),
    ...functionsOf(module),
    ...entriesOf(module, "event", "## Events"),
    ...entriesOf(module, "error", "## Errors"),
    ...shapesOf(module, shapes),
    ...inheritedOf(module),
  ]);
}

function constructorOf({ abi, constructorText }) {
  const entry = abi.find(({ type }) => type === "constructor");
  if (!entry || entry.inputs.length === 0) return [];
  // Not from devdoc: of two tags on one line the compiler makes one text, or none.
  const tags = [...constructorText.matchAll(/@param (\w+)\s([^@]*)/g)];
  const texts = Object.fromEntries(tags.map(([, name, text]) => [name, text.replace(/\s+/g, " ").trim()]));
  return ["## Deployment", code(`constructor(${parameters(entry.inputs)})`), paramList(texts, entry.inputs)];
}

/** What a mixin offers to the contract that takes it in. */
function modifiersOf({ isAbstract, modifiers }) {
  const told = modifiers.filter(({ text }) => isAbstract && text);
  const rows = told.map(({ name, text }) => `| \`${name}\` | ${cell(tagsOf(text).dev || tagsOf(text).notice)} |`);
  return rows.length > 0 ? ["## Modifiers", table("modifier", "what it does", rows)] : [];
}

function functionsOf(module) {
  const list = ownEntries(module, "function");
  const isView = ({ stateMutability }) => stateMutability === "view" || stateMutability === "pure";
  const changing = list.filter((entry) => !isView(entry)).flatMap((entry) => functionOf(module, entry));
  const views = list.filter(isView).map((entry) => {
    const { text, doc } = textsOf(module, entry);
    const told = [text, ...namedTexts({ ...doc.params, ...doc.returns }, [...entry.inputs, ...entry.outputs])];
    return `| \`${entry.name}(${parameters(entry.inputs)})\`${answer(entry, " → ")} | ${cell(told.filter(Boolean).join(" "))} |`;
  });
  return [
    ...(changing.length > 0 ? ["## Functions", ...changing] : []),
    ...(views.length > 0 ? ["## Views", table("view", "what it tells", views)] : []),
  ];
}

function functionOf(module, entry) {
  const { text, doc } = textsOf(module, entry);
  const returned = answer(entry, " returns ").replaceAll("`", "");
  const selector = module.selectors[signatureOf(entry)];
  return [
    `### ${entry.name}`,
    code(`function ${entry.name}(${parameters(entry.inputs)})${returned} // 0x${selector}`),
    text,
    paramList({ ...doc.params, ...doc.returns }, [...entry.inputs, ...entry.outputs]),
  ];
}

function entriesOf(module, type, heading) {
  const rows = ownEntries(module, type).map((entry) => {
    const { text } = textsOf(module, entry);
    return `| \`${entry.name}(${parameters(entry.inputs)})\` | ${cell(text)} |`;
  });
  return rows.length > 0 ? [heading, table(type, type === "event" ? "when" : "why", rows)] : [];
}

function shapesOf(module, shapes) {
  const used = new Set();
  const visit = (item) => {
    const name = item.internalType?.match(/^(?:struct|enum) ([\w.]+)/)?.[1];
    if (name) used.add(name);
    for (const inner of [...(item.inputs ?? []), ...(item.outputs ?? []), ...(item.components ?? [])]) visit(inner);
  };
  for (const type of ["function", "event", "error", "constructor"])
    for (const entry of ownEntries(module, type)) visit(entry);
  const found = [...used]
    .sort()
    .map((name) => shapes.get(name))
    .filter(Boolean);
  return found.length > 0 ? ["## Types", ...found.flatMap(shapeOf)] : [];
}

function shapeOf({ kind, name, text, members }) {
  const line = ({ name: member, type }) => (kind === "enum" ? `    ${member}` : `    ${bare(type)} ${member};`);
  const body = members.map(line).join(kind === "enum" ? ",\n" : "\n");
  return [`### ${name}`, prose(tagsOf(text).notice), code(`${kind} ${name.split(".").at(-1)} {\n${body}\n}`)];
}

function inheritedOf(module) {
  const groups = new Map();
  for (const entry of module.abi) {
    const home = homeOf(module, entry);
    if (!home || isOurs(home) || !entry.name) continue;
    groups.set(home.name, [...(groups.get(home.name) ?? []), entry.name]);
  }
  const lines = [...groups]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, entries]) => {
      return `- \`${name}\`: ${[...new Set(entries)]
        .sort()
        .map((entry) => `\`${entry}\``)
        .join(", ")}`;
    });
  return lines.length > 0 ? ["## From OpenZeppelin", lines.join("\n")] : [];
}

function parameters(inputs) {
  return inputs
    .map(({ type, internalType, indexed, name }) =>
      [bare(internalType ?? type), indexed && "indexed", name].filter(Boolean).join(" "),
    )
    .join(", ");
}

const bare = (type) => type.replace(/^(?:struct|enum|contract) /, "").replace(/ (?:storage|memory).*$/, "");

const answer = ({ outputs }, sign) => (outputs.length > 0 ? `${sign}\`(${parameters(outputs)})\`` : "");

/** The texts for parameters in their order; the compiler calls one without a name `_0`. */
function namedTexts(texts, items) {
  const names = [...new Set([...items.map(({ name }) => name).filter(Boolean), ...Object.keys(texts)])];
  return names
    .filter((name) => texts[name])
    .map((name) => (/^_\d+$/.test(name) ? texts[name] : `\`${name}\`: ${texts[name]}`));
}

const paramList = (texts, items) =>
  namedTexts(texts, items)
    .map((text) => `- ${text}`)
    .join("\n");
