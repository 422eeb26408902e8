"""The groups of options, in the order in which documents and forms show them."""

from __future__ import annotations

GROUPS = {
    "source": "The page: an address, HTML, Markdown or an archive.",
    "output": "What is made of the page, and how it is delivered.",
    "viewport": "The window that the page is laid out in.",
    "image": "Quality, area and size of a picture.",
    "full page": "How the whole height of a page is captured.",
    "pdf": "Paper, margins and document information.",
    "waits": "When the page counts as complete.",
    "interactions": "Clicks, texts and other actions before the capture.",
    "inject": "Scripts and styles that are added to the page.",
    "block": "Advertisements, banners and requests to leave out.",
    "emulation": "The browser, its user and its surroundings.",
    "target access": "Headers, cookies and credentials for the page.",
    "assertions": "What makes the capture fail.",
    "template": "A named set of options.",
    "cache": "Results that are used again.",
    "job": "Captures that are answered later.",
}
