/** What the peer needs of D1's types, and its rows. */
declare global {
  interface D1PreparedStatement {
    bind(...values: unknown[]): D1PreparedStatement;
    all(): Promise<{ results: unknown[] }>;
    first<T>(): Promise<T | null>;
    run(): Promise<unknown>;
  }
  interface D1Database {
    prepare(sql: string): D1PreparedStatement;
    batch(statements: D1PreparedStatement[]): Promise<{ results: unknown[] }[]>;
  }
}

export type Env = {
  DB: D1Database;
  ISSUER: string;
  PUBLIC_KEY: string;
  PRIVATE_KEY: string;
  /** The hash that is checked when there is no such account. */
  NOBODY: string;
  /** Set: no request id, no security headers, no log line. */
  PLAIN?: string;
};

export type UserRow = { id: string; email: string; display_name: string; time_zone: string; password_hash: string; created_at: number };

export type StrainRow = {
  id: string; name: string; slug: string; type: string | null; description: string | null; thc_percent: number | null;
  cbd_percent: number | null; effects: string | null; negative_effects: string | null; ailments: string | null;
  flavors: string | null; terpenes: string | null; breeder: string | null; parents: string | null;
};

export type SessionRow = {
  id: string; occurred_at: number; recorded_at: number; method: string; items: string; rating: number | null;
  mood_before: number | null; mood_after: number | null; effects: string; notes: string | null; version: number;
  import_id: string | null; source: string | null;
};

export type LotRow = {
  id: string; strain_id: string | null; name: string; quantity_mg: number; balance_mg: number; price_minor: number | null;
  currency: string | null;
};
