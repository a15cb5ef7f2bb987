// oauth4webapi, which checks each answer by the letter.

import * as oauth from "oauth4webapi";
import { BACK, ISSUER, SCOPE, agree, api, check, localFetch, person, register } from "./fleet.mjs";

const options = { [oauth.customFetch]: localFetch };
const issuer = new URL(ISSUER);

async function discovered(algorithm) {
  const answer = await oauth.discoveryRequest(issuer, { ...options, algorithm });
  return oauth.processDiscoveryResponse(issuer, answer);
}

/** Signs somebody in, and gives the tokens. */
async function code(server, client, auth) {
  const verifier = oauth.generateRandomCodeVerifier();
  const [state, nonce] = [oauth.generateRandomState(), oauth.generateRandomNonce()];
  const url = new URL(server.authorization_endpoint);
  const asked = {
    client_id: client.client_id, redirect_uri: BACK, response_type: "code", scope: SCOPE, state, nonce,
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier), code_challenge_method: "S256",
  };
  for (const [name, value] of Object.entries(asked)) url.searchParams.set(name, value);
  const back = await agree(url, await person());
  const parameters = oauth.validateAuthResponse(server, client, back, state);
  const answer = await oauth.authorizationCodeGrantRequest(server, client, auth, parameters, BACK, verifier, options);
  const tokens = await oauth.processAuthorizationCodeResponse(server, client, answer, {
    expectedNonce: nonce, requireIdToken: true,
  });
  await oauth.validateApplicationLevelSignature(server, answer, options);
  return { tokens, again: () => oauth.authorizationCodeGrantRequest(server, client, auth, parameters, BACK, verifier, options) };
}

async function introspected(server, client, auth, token) {
  const answer = await oauth.introspectionRequest(server, client, auth, token, options);
  return (await oauth.processIntrospectionResponse(server, client, answer)).active;
}

const server = await discovered("oauth2");
check((await discovered("oidc")).token_endpoint === server.token_endpoint, "metadata by RFC 8414 and by OpenID Discovery");

const kept = await register("confidential", ["authorization_code", "refresh_token", "client_credentials"]);
const open = await register("public", ["authorization_code", "refresh_token"]);
for (const [name, made, auth] of [
  ["client_secret_basic", kept, oauth.ClientSecretBasic(kept.secret)],
  ["client_secret_post", kept, oauth.ClientSecretPost(kept.secret)],
  ["none", open, oauth.None()],
]) {
  const client = { client_id: made.id, id_token_signed_response_alg: "EdDSA" };
  const { tokens } = await code(server, client, auth);
  const claims = oauth.getValidatedIdTokenClaims(tokens);
  check(claims.aud === made.id, `${name}: code with PKCE, iss and state checked, ID token verified`);
  const info = await oauth.userInfoRequest(server, client, tokens.access_token, options);
  check((await oauth.processUserInfoResponse(server, client, claims.sub, info)).email.includes("@"), `${name}: userinfo`);
  const refresh = await oauth.refreshTokenGrantRequest(server, client, auth, tokens.refresh_token, options);
  const fresh = await oauth.processRefreshTokenResponse(server, client, refresh);
  check(fresh.refresh_token !== tokens.refresh_token, `${name}: refreshed`);
  const token = fresh.access_token;
  check((await api("/api/v1/stash", token)).status === 200, `${name}: the API by scope stash:read`);
  const refused = await api("/api/v1/me", token);
  check(refused.status === 403 && refused.challenge.includes("insufficient_scope"), `${name}: the account is closed to it`);
  if (made === kept) check(await introspected(server, client, auth, token), `${name}: introspection says active`);
  const ended = await oauth.revocationRequest(server, client, auth, fresh.refresh_token, options);
  await oauth.processRevocationResponse(ended);
  check((await api("/api/v1/stash", token)).status === 401, `${name}: revoked, and dead at once`);
  if (made === kept) check(!(await introspected(server, client, auth, token)), `${name}: introspection says inactive`);
}

const client = { client_id: kept.id, id_token_signed_response_alg: "EdDSA" };
const auth = oauth.ClientSecretBasic(kept.secret);
const { tokens, again } = await code(server, client, auth);
let replay;
try {
  await oauth.processAuthorizationCodeResponse(server, client, await again());
} catch (error) {
  replay = error;
}
check(replay?.error === "invalid_grant", "a code that was used is refused");
check((await api("/api/v1/stash", tokens.access_token)).status === 401, "and what came of it is dead");

const own = await oauth.clientCredentialsGrantRequest(server, client, auth, { scope: "strains:read" }, options);
const machine = await oauth.processClientCredentialsResponse(server, client, own);
check((await api("/api/v1/strains?limit=1", machine.access_token)).status === 200, "client credentials open the catalogue");
check((await api("/api/v1/stash", machine.access_token)).status === 403, "and nothing of people's");
const request = new Request(`${ISSUER}/x`, { headers: { authorization: `Bearer ${machine.access_token}` } });
const claims = await oauth.validateJwtAccessToken(server, request, "sesh-api", options);
check(claims.client_id === kept.id && claims.scope === "strains:read", "an access token holds what RFC 9068 asks for");
