"""Writes an e-mail with a picture that is captured when the e-mail is read, to report.eml."""

import html
import os
from email.message import EmailMessage
from pathlib import Path

from stillframe import Client

WEEK = 7 * 86_400

# With the signing key, the link is made here; the service is not asked.
client = Client(os.environ["STILLFRAME"], signing_secret=os.environ["URL_SIGNING_SECRET"])
link = client.sign(url="https://example.com/prices", window_width=600, window_height=400, expires_in=WEEK).url

mail = EmailMessage()
mail["Subject"], mail["From"], mail["To"] = "Prices", "reports@example.com", "ada@example.com"
mail.set_content("Today's prices: https://example.com/prices")
mail.add_alternative(f'<p>Today:</p><img src="{html.escape(link)}" width="600" alt="Prices">', "html")
Path("report.eml").write_bytes(bytes(mail))
print(link)
