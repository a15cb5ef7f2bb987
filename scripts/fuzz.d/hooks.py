"""What the fuzzer brings to the fleet: who calls, from where, and what may be named.

Read by schemathesis (SCHEMATHESIS_HOOKS). SESH_FLEET_FILE names the running fleet.
"""

import functools
import itertools
import json
import os
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


class Person:
    """Somebody who signed up for this run, signed in anew whenever their token has died."""

    def __init__(self):
        self.email = f"fuzz-{SEED}-{os.getpid()}-{next(NUMBERS)}@e2e.example.com"
        self.token = ask(
            "/api/v1/auth/register",
            {
                "email": self.email,
                "password": PASSWORD,
                "display_name": "Fuzz",
                "birth_date": "1990-01-01",
                "delivery": "token",
            },
        )["access_token"]
        strain = ask("/api/v1/strains", {"name": "Fuzz"}, self.token)["id"]
        lot = ask("/api/v1/stash", {"strain_id": strain, "form": "flower", "quantity_mg": 10_000_000}, self.token)["id"]
        session = {"method": "vape", "items": [{"lot_id": lot, "quantity_mg": 1}]}
        self.ids = {"strain": strain, "lot": lot, "session": ask("/api/v1/sessions", session, self.token)["id"]}

    def sign_in(self):
        body = {"email": self.email, "password": PASSWORD, "delivery": "token"}
        return ask("/api/v1/auth/login", body)["access_token"]


@functools.cache
def person():
    """Who calls."""
    return Person()


@functools.cache
def leaver():
    """Who calls where the call ends tokens."""
    return Person()


@schemathesis.auth(refresh_interval=300)
class Caller:
    """The administrator's key on admin; elsewhere a person's token, one of its own where the call would end it."""

    def get(self, case, context):
        return FLEET["admin_key"] if WORKER == "admin" else person().sign_in()

    def set(self, case, data, context):
        ends = (case.method.upper(), case.path) in ENDING
        case.headers["Authorization"] = f"Bearer {leaver().sign_in() if ends else data}"


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
