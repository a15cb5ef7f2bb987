/**
 * A local queue lives in workerd's memory and dies with it; a deployed one keeps what it acknowledged. With the binding
 * `KEPT`, a database of the runner's own, so does the local one: a message is kept before its sender hears that it was
 * taken, and forgotten once the consumer has taken it. What is still there after a kill, the runner sends again.
 */

const TABLE = "CREATE TABLE IF NOT EXISTS kept (body TEXT PRIMARY KEY) WITHOUT ROWID";

/** Before the queue takes them. @param {any} kept the binding, if there is one @param {{ body: string }[]} messages */
export async function keep(kept, messages) {
  if (!kept) return;
  const insert = kept.prepare("INSERT OR IGNORE INTO kept (body) VALUES (?1)");
  await kept.batch([kept.prepare(TABLE), ...messages.map(({ body }) => insert.bind(body))]);
}

/** After the consumer took them. @param {any} kept @param {{ body: string }[]} messages */
export async function forget(kept, messages) {
  if (!kept) return;
  const remove = kept.prepare("DELETE FROM kept WHERE body = ?1");
  await kept.batch([kept.prepare(TABLE), ...messages.map(({ body }) => remove.bind(body))]);
}
