/** A D1 binding with something around each batch: what a Worker sees is D1, for as much of it as the fleet uses. */

/**
 * @callback Around
 * @param {{ sql: string, params: unknown[] }[]} statements @param {() => Promise<object[]>} run an answer for each
 * @returns {Promise<object[]>}
 */

/** @param {any} real the binding @param {Around} around @returns {{ prepare: Function, batch: Function }} */
export function databaseWith(real, around) {
  const database = {
    prepare: (sql) => new Statement(sql, [], execute),
    batch: (statements) => execute(statements),
  };
  const onReal = ({ sql, params }) => {
    const statement = real.prepare(sql);
    return params.length === 0 ? statement : statement.bind(...params);
  };
  const execute = (statements) =>
    around(statements, async () => {
      if (statements.length > 1) return real.batch(statements.map(onReal));
      return [await onReal(statements[0]).all()];
    });
  return database;
}

class Statement {
  constructor(sql, params, execute) {
    this.sql = sql;
    this.params = params;
    this.execute = execute;
  }

  bind(...params) {
    return new Statement(this.sql, params, this.execute);
  }

  async all() {
    const [answer] = await this.execute([this]);
    return answer;
  }

  run() {
    return this.all();
  }

  async first() {
    const { results } = await this.all();
    return results[0] ?? null;
  }
}
