/** The tables of routes in docs/api.md, made of the Workers' OpenAPI documents. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const BEGIN = "<!-- scripts/api-table writes from here -->";
const END = "<!-- to here -->";
/** The front door first, then as people meet them. */
const ORDER = ["tracker", "observer", "admin", "live"];
/** Every route may answer these; a column of them would say nothing. */
const EVERYWHERE = new Set(["internal_error", "service_unavailable"]);
const CALLERS = { person: "person", admin_key: "administrator", staff: "staff" };

/** @param {string} root @returns {string} docs/api.md as it should be, given as it is */
export function withTables(root, text) {
  const begin = text.indexOf(BEGIN);
  const end = text.indexOf(END);
  if (begin < 0 || end < begin) throw new Error(`docs/api.md lacks the lines "${BEGIN}" and "${END}"`);
  return `${text.slice(0, begin + BEGIN.length)}\n\n${tables(root)}\n${text.slice(end)}`;
}

function tables(root) {
  return workers(root)
    .map((name) => worker(name, JSON.parse(readFileSync(join(root, "workers", name, "openapi.json"), "utf8"))))
    .join("\n");
}

function workers(root) {
  const found = readdirSync(join(root, "workers")).filter((name) => existsSync(join(root, "workers", name, "openapi.json")));
  const place = (name) => (ORDER.includes(name) ? ORDER.indexOf(name) : ORDER.length);
  return found.sort((a, b) => place(a) - place(b) || a.localeCompare(b));
}

function worker(name, document) {
  const groups = new Map();
  for (const [path, item] of Object.entries(document.paths)) {
    for (const [verb, operation] of Object.entries(item)) {
      const tag = operation.tags?.[0] ?? "Other";
      groups.set(tag, [...(groups.get(tag) ?? []), row(verb, path, operation)]);
    }
  }
  // What every Worker has comes last.
  const tags = [...groups.keys()].sort((a, b) => (a === "Operations") - (b === "Operations"));
  const sections = tags.map((tag) =>
    [`#### ${name}: ${tag.toLowerCase()}`, "", "| route | what it does | caller | takes | answers | refuses with |", "| --- | --- | --- | --- | --- | --- |", ...groups.get(tag), ""].join("\n"),
  );
  return `### ${name}\n\n${document.info.description}\n\n${sections.join("\n")}`;
}

function row(verb, path, operation) {
  const cells = [
    `\`${verb.toUpperCase()} ${path}\``,
    operation.summary,
    (operation.security ?? []).map((need) => CALLERS[Object.keys(need)[0]] ?? Object.keys(need)[0]).join(" or ") || "anyone",
    takes(operation),
    Object.keys(operation.responses).filter((status) => status < "400").join(", "),
    refusals(operation),
  ];
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|") || "–").join(" | ")} |`;
}

function takes(operation) {
  const parameters = operation.parameters ?? [];
  const named = (where) => parameters.filter((parameter) => parameter.in === where).map((parameter) => `\`${parameter.name}\``);
  const schema = operation.requestBody?.content?.["application/json"]?.schema;
  const shape = schema?.$ref?.split("/").pop();
  const body = shape && shape !== "Nothing" ? [`body ${operation.requestBody.required ? "" : "(optional) "}\`${shape}\``] : [];
  const query = named("query");
  return [...body, ...(query.length ? [`query ${query.join(" ")}`] : []), ...named("header")].join("; ");
}

function refusals(operation) {
  const found = [];
  for (const [status, response] of Object.entries(operation.responses)) {
    if (status < "400") continue;
    // The description lists the codes; a health answer's also has a sentence.
    const codes = response.description.split(", ").filter((word) => /^[a-z_]+$/.test(word) && !EVERYWHERE.has(word));
    found.push(...codes.map((code) => `${status} \`${code}\``));
  }
  return found.join(", ");
}
