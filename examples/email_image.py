"""Writes an e-mail with a picture that is captured when the e-mail is read, to report.eml."""

import base64
import hashlib
import hmac
import os
import time
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import quote


def signed_link(options: dict[str, str], days: int) -> str:
    """A link that works without a token; see docs/signed-links.md."""
    kid, secret = os.environ["URL_SIGNING_SECRET"].split(",")[0].split("=", 1)
    pairs = options | {"expires": str(int(time.time()) + days * 86_400), "kid": kid}
    query = "&".join(f"{quote(k, safe='')}={quote(v, safe='')}" for k, v in sorted(pairs.items()))
    digest = hmac.new(secret.encode(), f"v1\nGET\n/capture\n{query}\n".encode(), hashlib.sha256).digest()
    signature = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    return f"{os.environ['STILLFRAME']}/capture?{query}&signature={signature}"


link = signed_link(
    {"url": "https://example.com/prices", "window_width": "600", "window_height": "400", "format": "png"}, 7
)
mail = EmailMessage()
mail["Subject"], mail["From"], mail["To"] = "Prices", "reports@example.com", "ada@example.com"
mail.set_content("Today's prices: https://example.com/prices")
mail.add_alternative(
    f'<p>Today:</p><img src="{link.replace("&", "&amp;")}" width="600" alt="Prices">', "html"
)
Path("report.eml").write_bytes(bytes(mail))
print(link)
