/**
 * What end-to-end tests need and no Worker offers: firing a cron now, SQL straight into a Worker's database, a look into
 * its KV. Listens on the loopback address only and wants the local admin key.
 *
 *   POST /cron/<worker>                         fires its cron triggers, answers {"outcomes":[…]} when they are done
 *   POST /d1/<worker>      {"sql","params"}     {"rows":[…]}, or 422 {"error"} with the database's own words
 *   GET  /kv/<worker>/<binding>[/<key>]         {"keys":[…]}, or {"value"}
 *   PUT  /kv/<worker>/<binding>/<key>  {"value"}  keeps it, answers {}
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
  if (!fleet.workers.some((worker) => worker.name === name)) return [404, { error: `there is no Worker ${name}` }];
  const route = `${request.method} ${what}`;
  if (route === "POST cron") return [200, { outcomes: await fleet.cron(name) }];
  if (route === "POST d1") return query(fleet, name, JSON.parse(await text(request)));
  if (route === "GET kv") return look(fleet, name, rest);
  if (route === "PUT kv") return keep(fleet, name, rest, JSON.parse(await text(request)));
  return [404, { error: "POST /cron/W, POST /d1/W, GET /kv/W/BINDING[/KEY] or PUT /kv/W/BINDING/KEY" }];
}

async function query(fleet, name, { sql, params = [] }) {
  const { DB } = await fleet.bindings(name);
  try {
    const { results } = await DB.prepare(sql).bind(...params).all();
    return [200, { rows: results }];
  } catch (error) {
    return [422, { error: error.message }];
  }
}

async function look(fleet, name, [binding, ...key]) {
  const namespace = (await fleet.bindings(name))[binding];
  if (!namespace) return [404, { error: `${name} has no binding ${binding}` }];
  if (key.length) return [200, { value: await namespace.get(key.join("/")) }];
  const { keys } = await namespace.list();
  return [200, { keys: keys.map((entry) => entry.name) }];
}

async function keep(fleet, name, [binding, ...key], { value }) {
  const namespace = (await fleet.bindings(name))[binding];
  if (!namespace || key.length === 0) return [404, { error: `${name} has no binding ${binding}, or a key is missing` }];
  await namespace.put(key.join("/"), value);
  return [200, {}];
}

async function text(request) {
  let body = "";
  for await (const chunk of request) body += chunk;
  return body;
}
