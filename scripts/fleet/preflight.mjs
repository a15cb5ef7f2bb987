/** Refuses to deploy an environment whose wrangler files still hold placeholders. Usage: preflight.mjs ENV */
import "./quiet.mjs"; // before wrangler
import { unstable_readConfig } from "wrangler";
import { readFleet } from "./config.mjs";

const PLACEHOLDER_ID = /^0{8}/;
const PLACEHOLDER_ADDRESS = "192.0.2.1";

const [env] = process.argv.slice(2);
const problems = readFleet(env).flatMap((worker) => check(worker.configPath, unstable_readConfig({ config: worker.configPath, env }, { hideWarnings: true })));
if (problems.length) {
  console.error(`${env} is not configured yet:\n${problems.map((problem) => `  ${problem}`).join("\n")}`);
  process.exit(1);
}

function check(path, config) {
  const found = [];
  const report = (what, how) => found.push(`${path}: ${what}. ${how}`);
  for (const d1 of config.d1_databases) {
    if (!PLACEHOLDER_ID.test(d1.database_id)) continue;
    report(`the database ${d1.database_name} has a placeholder id`, `Create it: npx wrangler d1 create ${d1.database_name}`);
  }
  for (const kv of config.kv_namespaces) {
    if (!PLACEHOLDER_ID.test(kv.id)) continue;
    report(`the KV namespace ${kv.binding} has a placeholder id`, `Create it once for tracker and observer: npx wrangler kv namespace create sesh-sessions-${env}`);
  }
  if (config.vars.ADMIN_ALLOWED_IPS === PLACEHOLDER_ADDRESS) {
    report("ADMIN_ALLOWED_IPS is a placeholder", "Put the addresses of the administrators there.");
  }
  return found;
}
