/**
 * What end-to-end tests need and no Worker offers: firing a cron now, SQL straight into a Worker's database, a look into
 * its KV and into the mails that were sent. Listens on the loopback address only and wants the local admin key.
 *
 *   POST /cron/<worker>                         fires its cron triggers, answers {"outcomes":[…]} when they are done
 *   POST /d1/<worker>      {"sql","params"}     {"rows":[…]}, or 422 {"error"} with the database's own words
 *   GET  /kv/<worker>/<binding>[/<key>]         {"keys":[…]}, or {"value"}
 *   PUT  /kv/<worker>/<binding>/<key>  {"value"}  keeps it, answers {}
 *   GET  /mail/<address>                        {"mails":[{"to","subject","text","html",…}]}, oldest first
 *   PUT, GET, DELETE /faults/<worker>/<plan>  sets, counts, clears what shall go wrong (tests/faults/plan.mjs);
 *                                             {"hits":[…]}. Only of a fleet that was started with --faults
 */
import { createServer } from "node:http";

/**
 * @param {object} fleet what start() made @param {string} key
 * @returns {Promise<{ url: string, stop: () => Promise<void> }>}
 */
export async function startControl(fleet, key) {
  const server = createServer(async (request, response) => {
    const [status, body] = await answer(fleet, key, request).catch((error) => [500, { error: String(error) }]);
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  });
  await new Promise((done, fail) => server.once("error", fail).listen(0, "127.0.0.1", done));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    stop: () =>
      new Promise((done) => {
        server.close(done);
        server.closeAllConnections();
      }),
  };
}

async function answer(fleet, key, request) {
  if (request.headers.authorization !== `Bearer ${key}`) return [401, { error: "the local admin key is wanted" }];
  const [what, name, ...rest] = request.url.slice(1).split("/").map(decodeURIComponent);
  if (request.method === "GET" && what === "mail") return [200, { mails: fleet.mails(name) }];
  if (!fleet.workers.some((worker) => worker.name === name)) return [404, { error: `there is no Worker ${name}` }];
  const route = `${request.method} ${what}`;
  if (route === "POST cron") return [200, { outcomes: await fleet.cron(name) }];
  if (route === "POST d1") return fleet.behind(name, { act: "d1", ...JSON.parse(await text(request)) });
  if (route === "GET kv") return kv(fleet, name, rest);
  if (route === "PUT kv" && rest.length > 1) return kv(fleet, name, rest, JSON.parse(await text(request)).value);
  if (what === "faults") return faults(fleet, name, rest, request);
  return [404, { error: "POST /cron/W, POST /d1/W, GET /kv/W/BINDING[/KEY] PUT /kv/W/BINDING/KEY, GET /mail/ADDRESS, or …/faults/W/PLAN" }];
}

function kv(fleet, name, [binding, ...rest], value) {
  const key = rest.join("/");
  if (value !== undefined) return fleet.behind(name, { act: "kv_put", binding, key, value });
  return fleet.behind(name, key ? { act: "kv_get", binding, key } : { act: "kv_list", binding });
}

async function faults(fleet, name, [plan], request) {
  const shim = fleet.faults[name];
  if (!shim || !plan) return [404, { error: "the plan has no name, or the fleet was started without --faults" }];
  const body = request.method === "PUT" ? await text(request) : undefined;
  const response = await fetch(`${shim}/${encodeURIComponent(plan)}`, { method: request.method, body });
  return [response.status, response.ok ? await response.json() : { error: await response.text() }];
}

async function text(request) {
  let body = "";
  for await (const chunk of request) body += chunk;
  return body;
}
