"""The names that docs/clients.md takes for granted."""

import hashlib
import hmac
import json
import os
import time

from stillframe import Client

token = os.environ["AUTH_TOKEN"]
secret = os.environ["URL_SIGNING_SECRET"]
client = Client("https://captures.example.com", token)

webhook_secret = "w" * 32
body = json.dumps({"id": "7", "status": "done"}).encode()
_now = str(int(time.time()))
_signed = hmac.new(webhook_secret.encode(), f"{_now}.".encode() + body, hashlib.sha256).hexdigest()
headers = {
    "X-Stillframe-Job": "7",
    "X-Stillframe-Timestamp": _now,
    "X-Stillframe-Signature": f"v1={_signed}",
}
