"""What the fuzzer brings to the fleet: who calls, from where, and what may be named.

Read by schemathesis (SCHEMATHESIS_HOOKS). SESH_FLEET_FILE names the running fleet.
"""

import itertools
import json
import os
import urllib.error
import urllib.request

import schemathesis

with open(os.environ["SESH_FLEET_FILE"], encoding="utf-8") as file:
    FLEET = json.load(file)

WORKER = os.environ["SESH_FUZZ_WORKER"]
SEED = int(os.environ["SESH_FUZZ_SEED"])
PASSWORD = "tangerine otter lamp 47"
# A request each, and a network each: what is throttled is throttled by network, and would hide everything else.
NUMBERS = itertools.count(1)
# Operations that end the token they are called with, or all others of its person.
ENDING = {("POST", "/api/v1/auth/logout"), ("DELETE", "/api/v1/auth/devices"), ("DELETE", "/api/v1/auth/devices/{id}")}


def address():
    number = next(NUMBERS)
    return f"fd{SEED % 256:02x}:{os.getpid() % 65536:x}:{number >> 16 & 0xffff:x}:{number & 0xffff:x}::1"


def ask(path, body, token=None):
    headers = {"content-type": "application/json", "cf-connecting-ip": address()}
    if token:
        headers["authorization"] = f"Bearer {token}"
    request = urllib.request.Request(FLEET["tracker"] + path, json.dumps(body).encode(), headers, method="POST")
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)["data"]


def sign_up():
    """Somebody new, and their tokens. The fuzzer learns addresses from answers and tries them until signing in is
    throttled, so nobody here ever signs in twice."""
    body = {
        "email": f"fuzz-{SEED}-{os.getpid()}-{next(NUMBERS)}@e2e.example.com",
        "password": PASSWORD,
        "display_name": "Fuzz",
        "birth_date": "1990-01-01",
        "delivery": "token",
    }
    return ask("/api/v1/auth/register", body)


def with_things():
    """Somebody with a strain, a lot and a session."""
    tokens = sign_up()
    access = tokens["access_token"]
    strain = ask("/api/v1/strains", {"name": "Fuzz"}, access)["id"]
    lot = ask("/api/v1/stash", {"strain_id": strain, "form": "flower", "quantity_mg": 10_000_000}, access)["id"]
    ask("/api/v1/sessions", {"method": "vape", "items": [{"lot_id": lot, "quantity_mg": 1}]}, access)
    return tokens


class Person:
    """Who calls: the same person as long as their device lives."""

    def __init__(self):
        self.refresh_token = None

    def token(self):
        tokens = None
        if self.refresh_token:
            try:
                tokens = ask("/api/v1/auth/refresh", {"refresh_token": self.refresh_token})
            except urllib.error.HTTPError as error:
                if error.code != 401:
                    raise
        tokens = tokens or with_things()
        self.refresh_token = tokens["refresh_token"]
        return tokens["access_token"]


PERSON = Person()
if WORKER == "admin":
    # Somebody to be found, suspended and reinstated.
    with_things()


@schemathesis.auth(refresh_interval=300)
class Caller:
    """The administrator's key on admin; elsewhere a person's token, and somebody new's where the call ends tokens."""

    def get(self, case, context):
        return FLEET["admin_key"] if WORKER == "admin" else PERSON.token()

    def set(self, case, data, context):
        ends = (case.method.upper(), case.path) in ENDING
        case.headers["Authorization"] = f"Bearer {sign_up()['access_token'] if ends else data}"


def whole(value):
    """1.0 as 1: JSON Schema counts it as an integer, and the API, which counts in whole numbers, does not."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list):
        return [whole(item) for item in value]
    if isinstance(value, dict):
        return {name: whole(item) for name, item in value.items()}
    return value


@schemathesis.hook
def before_call(context, case, kwargs):
    case.headers["cf-connecting-ip"] = "127.0.0.1" if WORKER == "admin" else address()
    # To Python 1.0 equals 1; and a body that is not touched stays what the fuzzer knows it to be.
    if isinstance(case.body, (dict, list)) and repr(body := whole(case.body)) != repr(case.body):
        case.body = body
