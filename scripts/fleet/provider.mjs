/**
 * Another provider (OpenID Connect) to sign in with, for development and tests: `oidc-provider`, as it comes, in this
 * process, at the loopback address. Its sign-in page takes every name. A name of the form `subject|address|verified`
 * says what the provider tells of its owner, such as `7|ada@example.com|true`; without an address it tells none.
 */
import { generateKeyPairSync } from "node:crypto";
import { createServer } from "node:http";

const CLIENT = { name: "local", id: "sesh-local", secret: "known to everybody here" };
/** So that tests see one expire before the browser's way does. */
const ID_TOKEN_SECONDS = 120;

/**
 * @param {string} appUrl where it leads back to @param {string} host
 * @returns {Promise<{ url: string, configured: string, stop: () => Promise<void> }>} `configured` is observer's secret
 */
export async function startProvider(appUrl, host) {
  const server = createServer();
  await new Promise((done, fail) => server.once("error", fail).listen(0, host, done));
  const url = `http://${host}:${server.address().port}`;
  const { Provider } = await import("oidc-provider");
  server.on("request", quietly(() => new Provider(url, configuration(appUrl))).callback());
  const configured = [{ name: CLIENT.name, issuer: url, client_id: CLIENT.id, client_secret: CLIENT.secret }];
  const stop = () =>
    new Promise((done) => {
      server.close(done);
      server.closeAllConnections();
    });
  return { url, configured: JSON.stringify(configured), stop };
}

function configuration(appUrl) {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const client = (id) => ({
    client_id: id,
    client_secret: CLIENT.secret,
    redirect_uris: [`${appUrl}/auth/providers/${CLIENT.name}`],
    grant_types: ["authorization_code"],
  });
  return {
    // The second one is for tests that try to use what was given out to another client.
    clients: [client(CLIENT.id), client("somebody-else")],
    jwks: { keys: [{ ...privateKey.export({ format: "jwk" }), use: "sig", alg: "RS256", kid: "local" }] },
    cookies: { keys: [CLIENT.secret] },
    claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
    ttl: { IdToken: ID_TOKEN_SECONDS, AccessToken: 60, AuthorizationCode: 60, Interaction: 600, Session: 600, Grant: 600 },
    findAccount: (_, id) => ({ accountId: id, claims: () => claimsOf(id) }),
  };
}

function claimsOf(id) {
  const [, email, verified] = id.split("|");
  return { sub: id, name: "Somebody", ...(email ? { email, email_verified: verified === "true" } : {}) };
}

/** Its advice is for those who deploy it. */
function quietly(make) {
  const { warn, info } = console;
  Object.assign(console, { warn() {}, info() {} });
  try {
    return make();
  } finally {
    Object.assign(console, { warn, info });
  }
}
