// An instance's memory: what the two sides read and write there. The other side is `bridge.rs`.

const ANSWER = 0;
const PERFORM = 1;
const ANSWER_AND_MORE = 2;

const ROWS = 1;
const JSON_TEXT = 0;
/** Texts up to this length are written in place, with room for three bytes a character; longer ones are measured first. */
const SHORT = 16_384;

const decoder = new TextDecoder();
const encoder = new TextEncoder();

/**
 * @typedef {object} Frame
 * @property {number} id of the request
 * @property {boolean} waits whether it has operations to perform
 * @property {boolean} answers
 * @property {boolean} more whether deferred work is left after the answer
 * @property {number} status @property {number} common bits of the usual headers
 * @property {string} text operations, or lines of names and values of headers
 * @property {string} lines for the log @property {Uint8Array | null} body
 */

export class Memory {
  #exports;
  #view = null;
  #bytes = null;
  #statements = new Map();
  #db = null;

  constructor(exports) {
    this.#exports = exports;
  }

  /** Growing makes a new buffer. */
  #fresh() {
    const { buffer } = this.#exports.memory;
    if (this.#bytes?.buffer !== buffer) {
      this.#bytes = new Uint8Array(buffer);
      this.#view = new DataView(buffer);
    }
  }

  #room(length) {
    const place = this.#exports.sesh_room(length);
    this.#fresh();
    return place;
  }

  /** Starts a request. @param {string} head @param {Uint8Array} body @returns {Frame} */
  start(head, body) {
    const place = this.#room(head.length * 3 + body.length);
    const { written } = encoder.encodeInto(head, this.#bytes.subarray(place, place + head.length * 3));
    if (body.length > 0) this.#bytes.set(body, place + written);
    return this.#frame(this.#exports.sesh_start(written + body.length, written, Date.now()));
  }

  /** Starts a job. @param {string[] | null} messages of a queue, or none when the cron trigger fired @returns {Frame} */
  job(messages) {
    const text = encoder.encode(messages === null ? "" : JSON.stringify(messages));
    const place = this.#room(text.length);
    this.#bytes.set(text, place);
    return this.#frame(this.#exports.sesh_job(text.length, Date.now()));
  }

  /** Goes on. @param {number} id @param {import("./perform.mjs").Reply[]} [replies] none for deferred work @returns {Frame} */
  resume(id, replies) {
    const length = replies === undefined ? 0 : this.#write(replies);
    return this.#frame(this.#exports.sesh_resume(id, length, Date.now()));
  }

  #write(replies) {
    let most = 4;
    for (const reply of replies) {
      reply.texts = (reply.tables ?? [reply.json]).map((text) => (text.length > SHORT ? encoder.encode(text) : text));
      most += 20;
      for (const text of reply.texts) most += 4 + (typeof text === "string" ? text.length * 3 : text.length);
    }
    const start = this.#room(most);
    let at = this.#number(start, replies.length);
    for (const { id, tables, read, written, texts } of replies) {
      at = this.#number(at, id);
      at = this.#number(at, tables ? ROWS : JSON_TEXT);
      if (tables) {
        at = this.#number(at, read);
        at = this.#number(at, written);
        at = this.#number(at, tables.length);
      }
      for (const text of texts) at = this.#text(at, text);
    }
    return at - start;
  }

  #number(at, value) {
    this.#view.setUint32(at, value, true);
    return at + 4;
  }

  #text(at, text) {
    const start = at + 4;
    let length = text.length;
    if (typeof text !== "string") this.#bytes.set(text, start);
    else length = encoder.encodeInto(text, this.#bytes.subarray(start, start + length * 3)).written;
    this.#number(at, length);
    return start + length;
  }

  /** @returns {Frame} */
  #frame(place) {
    this.#fresh();
    const view = this.#view;
    const kind = view.getUint32(place, true);
    const status = view.getUint32(place + 8, true);
    const textAt = view.getUint32(place + 12, true);
    const linesAt = textAt + view.getUint32(place + 16, true);
    const linesEnd = linesAt + view.getUint32(place + 20, true);
    const bodyAt = view.getUint32(place + 24, true);
    const bodyLength = view.getUint32(place + 28, true);
    return {
      id: view.getUint32(place + 4, true),
      waits: kind === PERFORM,
      more: kind === ANSWER_AND_MORE,
      answers: kind === ANSWER || kind === ANSWER_AND_MORE,
      status: status & 0xffff,
      common: status >>> 16,
      text: this.#read(textAt, linesAt),
      lines: this.#read(linesAt, linesEnd),
      body: bodyLength === 0 ? null : this.#bytes.slice(bodyAt, bodyAt + bodyLength),
    };
  }

  #read(from, to) {
    return from === to ? "" : decoder.decode(this.#bytes.subarray(from, to));
  }

  /** The statement whose text is in this place, where it stays as long as the instance. */
  statement(db, place, length) {
    if (this.#db !== db) {
      this.#db = db;
      this.#statements.clear();
    }
    const name = place + length * 2 ** 32;
    let statement = this.#statements.get(name);
    if (statement === undefined) {
      statement = db.prepare(steady(this.#read(place, place + length)));
      this.#statements.set(name, statement);
    }
    return statement;
  }
}

/**
 * A statement whose plan does not hang on what is bound: a parameter by itself, beside `=` in a join or behind `LIMIT`,
 * makes SQLite compile the statement anew each time the database binds it; with a plus before it, which does nothing, it
 * does not. `native/sqlite.rs` does the same.
 * @param {string} sql
 */
const steady = (sql) => sql.replace(/'[^']*'|\?\d+/g, (found) => (found[0] === "?" ? `+${found}` : found));
