"""Authlib, against the running fleet. SESH_FLEET_FILE names its file."""

import html
import json
import os
import re
import uuid
from urllib.parse import parse_qs, urlsplit

import requests
from authlib.common.security import generate_token
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.jwk import KeySet
from requests.adapters import HTTPAdapter

with open(os.environ["SESH_FLEET_FILE"], encoding="utf-8") as file:
    FLEET = json.load(file)

ISSUER = "https://dev.kush.observer"
BACK = "https://almanac.example/cb"
SCOPE = "openid profile email offline_access stash:read strains:read"
PASSWORD = "tangerine otter lamp 47"


class ToTheFleet(HTTPAdapter):
    """Takes what goes to the issuer to the fleet's observer."""

    def send(self, request, **options):
        request.url = request.url.replace(ISSUER, FLEET["observer"])
        return super().send(request, **options)


def check(holds, what):
    if not holds:
        raise AssertionError(f"does not hold: {what}")
    print(f"  ✓ {what}")


def ask(worker, path, body, **headers):
    got = requests.post(FLEET[worker] + path, json=body, headers={"cf-connecting-ip": "127.0.0.1", **headers}, timeout=30)
    got.raise_for_status()
    return got.json()["data"]


def register(kind, grants):
    body = {"name": "Almanac", "kind": kind, "redirect_uris": [BACK], "grant_types": grants, "scopes": SCOPE.split()}
    made = ask("admin", "/api/v1/clients", body, authorization=f"Bearer {FLEET['admin_key']}")
    return made["client"]["id"], made["secret"]


def person():
    email = f"client-{uuid.uuid4()}@e2e.example.com"
    body = {"email": email, "password": PASSWORD, "display_name": "Ada", "birth_date": "1990-01-01", "delivery": "token"}
    ask("tracker", "/api/v1/auth/register", body)
    return email


def api(path, token):
    return requests.get(FLEET["tracker"] + path, headers={"authorization": f"Bearer {token}"}, timeout=30)


def agree(url, email):
    """A browser without scripts: signs in and agrees; where it is sent."""
    cookies, target, fields = {}, url.replace(ISSUER, FLEET["observer"]), None
    for _ in range(4):
        headers = {"cookie": "; ".join(f"{name}={value}" for name, value in cookies.items()), "origin": FLEET["observer"]}
        verb = "POST" if fields else "GET"
        got = requests.request(verb, target, data=fields, headers=headers, allow_redirects=False, timeout=30)
        for line in got.raw.headers.getlist("set-cookie"):
            name, value = line.split(";")[0].split("=", 1)
            cookies[name] = value
        if got.status_code == 303:
            return got.headers["location"]
        assert got.status_code == 200, got.text
        fields = {n: html.unescape(re.search(f'name="{n}" value="([^"]*)"', got.text)[1]) for n in ("step", "query", "form")}
        fields.update({"email": email, "password": PASSWORD} if fields["step"] == "sign_in" else {"answer": "allow"})
        target = FLEET["observer"] + "/oauth/authorize"
    raise AssertionError("not sent back")


def session(identifier, secret, method):
    made = OAuth2Session(
        identifier, secret, scope=SCOPE, redirect_uri=BACK, token_endpoint_auth_method=method,
        revocation_endpoint_auth_method=method, code_challenge_method="S256",
    )
    made.mount(ISSUER, ToTheFleet())
    return made


def claims_of(token, keys, identifier, nonce):
    """The claims of an ID token, verified by Authlib and the library that it stands on."""
    decoded = jwt.decode(token, keys, algorithms=["EdDSA"])
    options = {"iss": {"values": [ISSUER]}, "aud": {"values": [identifier]}}
    claims = CodeIDToken(decoded.claims, decoded.header, options, {"nonce": nonce, "client_id": identifier})
    claims.validate()
    return claims


def walk(name, identifier, secret, method):
    client = session(identifier, secret, method)
    server = client.get(f"{ISSUER}/.well-known/openid-configuration", withhold_token=True).json()
    keys = KeySet.import_key_set(client.get(server["jwks_uri"], withhold_token=True).json())
    verifier, nonce = generate_token(48), generate_token(20)
    url, state = client.create_authorization_url(server["authorization_endpoint"], code_verifier=verifier, nonce=nonce)
    back = agree(url, person())
    answer = parse_qs(urlsplit(back).query)
    check(answer["iss"] == [ISSUER] and answer["state"] == [state], f"{name}: the answer says whose it is")
    token = client.fetch_token(server["token_endpoint"], authorization_response=back, code_verifier=verifier, state=state)
    claims = claims_of(token["id_token"], keys, identifier, nonce)
    check(claims["aud"] == identifier, f"{name}: code with PKCE, ID token verified")
    info = client.get(server["userinfo_endpoint"]).json()
    check(info["sub"] == claims["sub"] and info["name"] == "Ada", f"{name}: userinfo")
    first = token["access_token"]
    token = client.refresh_token(server["token_endpoint"], refresh_token=token["refresh_token"])
    check(token["access_token"] != first, f"{name}: refreshed")
    check(api("/api/v1/stash", token["access_token"]).status_code == 200, f"{name}: the API by scope stash:read")
    if secret:
        told = client.introspect_token(server["introspection_endpoint"], token=token["access_token"]).json()
        check(told["active"] and told["client_id"] == identifier, f"{name}: introspection says active")
    ended = client.revoke_token(server["revocation_endpoint"], token=token["refresh_token"], token_type_hint="refresh_token")
    check(ended.status_code == 200, f"{name}: revoked")
    check(api("/api/v1/stash", token["access_token"]).status_code == 401, f"{name}: and dead at once")
    if secret:
        told = client.introspect_token(server["introspection_endpoint"], token=token["access_token"]).json()
        check(told == {"active": False}, f"{name}: introspection says inactive")


kept = register("confidential", ["authorization_code", "refresh_token", "client_credentials"])
walk("client_secret_basic", *kept, "client_secret_basic")
walk("client_secret_post", *kept, "client_secret_post")
walk("none", *register("public", ["authorization_code", "refresh_token"]), "none")
machine = session(*kept, "client_secret_basic")
token = machine.fetch_token(f"{ISSUER}/oauth/token", grant_type="client_credentials", scope="strains:read")
check(api("/api/v1/strains?limit=1", token["access_token"]).status_code == 200, "client credentials open the catalogue")
check(api("/api/v1/stash", token["access_token"]).status_code == 403, "and nothing of people's")
