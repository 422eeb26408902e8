"""Pages that are merely about cookies, consent or advertisements: the content of their body."""

from __future__ import annotations

INNOCENT = {
    "recipe": (
        "<main><section class='cookie-list cookie-consent'>Cookies<button>Accept all</button></section>"
    ),
    "application": (
        "<div style='position:fixed;inset:0;z-index:5'><main>privacy cookies consent<button>"
        "Accept</button></main></div>"
    ),
    "navigation": (
        "<nav style='position:sticky;top:0'><a href=/privacy>Privacy</a><a href=/cookies>Cookies</a>"
        "</nav><p>Text</p>"
    ),
    "article": (
        "<article><h1>The consent of the governed</h1><p>Cookies and GDPR.</p><button>Continue</button>"
    ),
    "advert": (
        "<main class='ad-free advertisement-policy'><h1>Advertising policy</h1><p>banner ads</p></main>"
    ),
    "cookbook": (
        "<h1>Cookie cookbook</h1><ul class='cookie-list'><li id='cookie-1'>Oat cookies</li>"
        "<li class='cookie-banner'>Iced banner cookie</li></ul><button>Save recipe</button>"
    ),
    "policy": (
        "<article id='cookie-policy'><h1>Cookie policy</h1><p>"
        "We use cookies and similar technologies to process personal data.</p><button>"
        "Manage preferences</button></article>"
    ),
    "shop": (
        "<div class='product cookie'><h2>Biscuit tin</h2><p>Fits 40 cookies</p>"
        "<button class='accept'>Continue to basket</button></div>"
    ),
    "newspaper": (
        "<main><h1>Regulator fines tracker</h1><p>The GDPR asks for consent.</p>"
        "<div class='story-on-adverts'>The advert was withdrawn.</div></main>"
    ),
    "classified": (
        "<section class='ads'><h1>Small ads</h1><div class='classified-listing'>"
        "Bicycle, little used</div></section>"
    ),
    "settings": (
        "<form id='privacy-settings'><label><input type=checkbox> Tracking</label><button>"
        "Save</button><button>Cancel</button></form>"
    ),
    "sticky article": (
        "<header style='position:sticky;top:0;background:#eee'><h1>Privacy weekly</h1><a href=/a>"
        "Subscribe</a></header><p>Issue on consent.</p>"
    ),
    "toolbar": (
        "<div style='position:fixed;bottom:0;left:0;right:0;height:30px;background:#ccc'><button>"
        "Bold</button><button>Italic</button></div><p>Write about cookies</p>"
    ),
    "player": (
        "<div class='video-ads-disabled' style='width:200px;height:80px;background:#123'></div><p>"
        "No advertisement was shown.</p>"
    ),
    "banner art": (
        "<div class='banner' style='height:60px;background:#369'>Our banner</div><p>"
        "Hero banners in print advertising.</p>"
    ),
    "survey": (
        "<fieldset><legend>Do you agree with the consent form?</legend><button>I agree</button>"
        "<button>I disagree</button></fieldset>"
    ),
    "chat history": (
        "<div class='chat-log'><p class='chat-message'>Have a cookie</p><p class='chat-message'>"
        "Thanks</p></div>"
    ),
    "social": (
        "<section class='social-history'><h1>A social history</h1><p class='share-of-wealth'>"
        "Shares of wealth</p></section>"
    ),
    "documentation": "<h1>document.cookie</h1><pre>document.cookie = 'consent=yes'</pre><p>A string.</p>",
    "fixed logo": (
        "<div style='position:fixed;right:4px;top:4px;width:60px;height:20px;background:#c60'>"
        "Cookie&amp;Co</div><p>Bakers since 1920</p>"
    ),
}
