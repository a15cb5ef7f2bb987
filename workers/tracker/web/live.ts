// Live updates in a page: hears of changes over a WebSocket, comes back by itself, and asks for what it missed.
// It needs nothing but the browser, and nothing breaks without it: whoever hears nothing looks at the API as before.

/** What changed. A hint: the truth is in the API. */
export interface Change {
  /**
   * `changed`: something that is not named, up to this number. `resync`: whatever is shown may be old. The others name
   * the session or lot by `id`. A kind that is not known here means the same as `changed`.
   */
  kind: "session.logged" | "session.edited" | "session.deleted" | "stash.changed" | "changed" | "resync" | (string & {});
  /** The number of the change. */
  seq: number;
  id?: string;
}

/** `open`; `waiting` for the next attempt, or for the page to be looked at; `ended`: signed out, or stopped. */
export type State = "open" | "waiting" | "ended";

export interface Options {
  /** Told of each change, also those missed. Must not throw. */
  onChange(change: Change): void;
  onState?(state: State): void;
  /** The number of the last change that the page shows, when it knows it (`GET /api/v1/live`). */
  after?: number;
  /** Has the cookies renewed; says whether somebody is still signed in. Throws when nobody can say. */
  renew?(): Promise<boolean>;
  path?: string;
}

/** Why the hub closes (`workers/live/src/hub/rules.rs`). */
const REVOKED = 4001;
const EXPIRED = 4002;
const DISPLACED = 4003;

const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 60_000;
/** A connection that stood for so long was a good one: the next wait begins small. */
const GOOD_MS = 10_000;
const PING_MS = 45_000;
const PONG_MS = 10_000;
/** Renewed so long before the token expires. */
const EARLY_MS = 30_000;
/** A page that nobody has looked at for so long lets go; it asks for what it missed when somebody does. */
const HIDDEN_MS = 60_000;
const RENEW = "/api/v1/auth/refresh";

/** Listens until `stop()` is called or the person is signed out. */
export function listen(options: Options): { stop(): void; readonly seq: number | undefined } {
  const live = new Live(options);
  live.begin();
  return {
    stop: () => live.end(),
    get seq() {
      return live.seq;
    },
  };
}

async function renewCookies(): Promise<boolean> {
  const answer = await fetch(RENEW, { method: "POST", headers: { "content-type": "application/json" }, body: "{}" });
  if (answer.status >= 500 || answer.status === 429) throw new Error(`${answer.status}`);
  return answer.ok;
}

class Live {
  seq: number | undefined;
  #options: Options;
  #socket: WebSocket | null = null;
  #timers = new Map<string, ReturnType<typeof setTimeout>>();
  #failures = 0;
  #ended = false;

  constructor(options: Options) {
    this.#options = options;
    this.seq = options.after;
  }

  begin(): void {
    document.addEventListener("visibilitychange", this.#looked);
    addEventListener("online", this.#online);
    this.#connect();
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    document.removeEventListener("visibilitychange", this.#looked);
    removeEventListener("online", this.#online);
    this.#drop();
    this.#options.onState?.("ended");
  }

  #connect(): void {
    this.#drop();
    const path = this.#options.path ?? "/api/v1/live";
    const url = new URL(this.seq === undefined ? path : `${path}?after=${this.seq}`, location.href);
    url.protocol = url.protocol === "http:" ? "ws:" : "wss:";
    const socket = new WebSocket(url);
    this.#socket = socket;
    const mine = (act: (event: any) => void) => (event: any) => this.#socket === socket && act(event);
    socket.addEventListener("message", mine(({ data }) => this.#heard(data)));
    socket.addEventListener("close", mine(({ code }) => this.#closed(code)));
  }

  #heard(data: string): void {
    this.#timer("pong", null);
    if (data === "pong") return;
    const message = JSON.parse(data);
    if (message.kind === "hello") return this.#greeted(message);
    this.seq = Math.max(this.seq ?? 0, message.seq);
    this.#options.onChange(message);
  }

  #greeted({ seq, until }: { seq: number; until: string }): void {
    this.#timer("good", () => (this.#failures = 0), GOOD_MS);
    this.#timer("renew", () => this.#renew(), Math.max(Date.parse(until) - Date.now() - EARLY_MS, FIRST_WAIT_MS));
    this.#ping();
    this.#options.onState?.("open");
    if (this.seq !== undefined) return;
    // The page was made before this; what changed in between is in no message.
    this.seq = seq;
    this.#options.onChange({ kind: "resync", seq });
  }

  #ping(): void {
    this.#timer("ping", () => {
      this.#timer("pong", () => this.#closed(1006), PONG_MS);
      this.#socket?.send("ping");
      this.#ping();
    }, PING_MS);
  }

  #closed(code: number): void {
    this.#drop();
    if (code === REVOKED) return this.end();
    this.#options.onState?.("waiting");
    // Others of this person's pages are newer: this one comes back when it is looked at.
    if (code === DISPLACED || document.hidden) return;
    this.#failures += 1;
    // A page is not told why it was refused; a token that has expired is the likeliest.
    if (code === EXPIRED || this.#failures === 2) return void this.#renew();
    this.#later();
  }

  async #renew(): Promise<void> {
    try {
      if (!(await (this.#options.renew ?? renewCookies)())) return this.end();
      if (!this.#ended) this.#connect();
    } catch {
      if (!this.#ended) this.#later();
    }
  }

  /** Waits twice as long each time, and not as long as everybody else. */
  #later(): void {
    const most = Math.min(FIRST_WAIT_MS * 2 ** this.#failures, LONGEST_WAIT_MS);
    this.#timer("connect", () => this.#connect(), most / 2 + (Math.random() * most) / 2);
  }

  #looked = (): void => {
    if (document.hidden) {
      this.#timer("hidden", () => {
        this.#drop();
        this.#options.onState?.("waiting");
      }, HIDDEN_MS);
    } else {
      this.#timer("hidden", null);
      if (this.#socket === null) this.#connect();
    }
  };

  #online = (): void => {
    if (this.#socket?.readyState !== 1 && !document.hidden) this.#connect();
  };

  #drop(): void {
    for (const name of [...this.#timers.keys()]) if (name !== "hidden") this.#timer(name, null);
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
  }

  #timer(name: string, act: (() => void) | null, ms = 0): void {
    clearTimeout(this.#timers.get(name));
    this.#timers.delete(name);
    if (act === null) return;
    this.#timers.set(name, setTimeout(() => {
      this.#timers.delete(name);
      act();
    }, ms));
  }
}
