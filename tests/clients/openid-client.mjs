// openid-client, certified by the OpenID Foundation as a relying party.

import * as openid from "openid-client";
import { BACK, ISSUER, SCOPE, agree, api, check, localFetch, person, register } from "./fleet.mjs";

const kept = await register("confidential", ["authorization_code", "refresh_token", "client_credentials"]);
const open = await register("public", ["authorization_code", "refresh_token"]);
const metadata = { id_token_signed_response_alg: "EdDSA" };

async function configured(made, auth) {
  return openid.discovery(new URL(ISSUER), made.id, metadata, auth, { [openid.customFetch]: localFetch });
}

for (const [name, made, auth] of [
  ["confidential", kept, openid.ClientSecretBasic(kept.secret)],
  ["public", open, openid.None()],
]) {
  const config = await configured(made, auth);
  openid.enableNonRepudiationChecks(config);
  const pkceCodeVerifier = openid.randomPKCECodeVerifier();
  const [expectedState, expectedNonce] = [openid.randomState(), openid.randomNonce()];
  const asked = {
    redirect_uri: BACK, scope: SCOPE, state: expectedState, nonce: expectedNonce, max_age: "600",
    code_challenge: await openid.calculatePKCECodeChallenge(pkceCodeVerifier), code_challenge_method: "S256",
  };
  const url = openid.buildAuthorizationUrl(config, asked);
  const back = await agree(url, await person());
  const tokens = await openid.authorizationCodeGrant(config, back, {
    pkceCodeVerifier, expectedState, expectedNonce, maxAge: 600, idTokenExpected: true,
  });
  const { sub } = tokens.claims();
  check(sub.length === 36, `${name}: discovery, code with PKCE, ID token with nonce and auth_time`);
  const info = await openid.fetchUserInfo(config, tokens.access_token, sub);
  check(info.name === "Ada" && info.email_verified === false, `${name}: userinfo`);
  const fresh = await openid.refreshTokenGrant(config, tokens.refresh_token, { scope: "openid stash:read" });
  check(fresh.scope === "openid stash:read", `${name}: refreshed, for less`);
  check((await api("/api/v1/stash", fresh.access_token)).status === 200, `${name}: the API`);
  check((await api("/api/v1/strains", fresh.access_token)).status === 403, `${name}: no more than its scope`);
  if (made === kept) {
    check((await openid.tokenIntrospection(config, fresh.refresh_token)).active, `${name}: introspection says active`);
  }
  await openid.tokenRevocation(config, fresh.access_token);
  check((await api("/api/v1/stash", fresh.access_token)).status === 401, `${name}: revoked, and dead at once`);
  let refused;
  await openid.refreshTokenGrant(config, fresh.refresh_token).catch((error) => (refused = error));
  check(refused?.error === "invalid_grant", `${name}: nothing refreshes any more`);
  const denied = new URL(back);
  denied.searchParams.set("iss", "https://evil.example");
  let mixed;
  const mixUp = { pkceCodeVerifier, expectedState, expectedNonce };
  await openid.authorizationCodeGrant(config, denied, mixUp).catch((error) => (mixed = error));
  check(mixed !== undefined && mixed.error === undefined, `${name}: the answer of another issuer is noticed`);
}

const config = await configured(kept, openid.ClientSecretPost(kept.secret));
const machine = await openid.clientCredentialsGrant(config, { scope: "strains:read" });
check((await api("/api/v1/strains?limit=1", machine.access_token)).status === 200, "client credentials open the catalogue");
await openid.tokenRevocation(config, machine.access_token);
check((await api("/api/v1/strains?limit=1", machine.access_token)).status === 401, "and can be given back");
