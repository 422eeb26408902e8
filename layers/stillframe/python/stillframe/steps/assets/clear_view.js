// Answers consent banners, closes overlays and hides chat widgets; returns what it did as counts.
async ({ banners, popups, chats }) => {
  const done = { banners: 0, popups: 0, chats: 0 };
  const seen = (el) => {
    const box = el.getBoundingClientRect(), style = getComputedStyle(el);
    return box.width > 0 && box.height > 0 && style.visibility !== 'hidden' && style.display !== 'none';
  };
  const pinned = (el) => {
    for (let e = el; e && e !== document.body; e = e.parentElement)
      if (['fixed', 'sticky'].includes(getComputedStyle(e).position) || e.getAttribute('role') === 'dialog' || e.tagName === 'DIALOG') return e;
    return null;
  };
  const words = (el) => (el.innerText || el.value || el.getAttribute('aria-label') || '').trim().toLowerCase();
  const hide = (el) => el.style.setProperty('display', 'none', 'important');
  const unlock = () => {
    for (const el of [document.documentElement, document.body])
      if (el && ['hidden', 'clip'].includes(getComputedStyle(el).overflowY)) el.style.setProperty('overflow', 'visible', 'important');
  };
  const CONSENT = /cookie|consent|gdpr|datenschutz|privacy|rgpd|confidentialit|privacidad|personal data/i;
  const REJECT = /^(reject|decline|refuse|deny|no,? thanks|only (necessary|essential|required)|necessary only|essential only|use necessary|continue without|alle ablehnen|ablehnen|nur (notwendige|essenzielle|erforderliche)|tout refuser|refuser|continuer sans|rechazar|solo (necesarias|esenciales)|rifiuta|weiger|alles weigeren|avvisa|recusar|rejeitar|odrzuć|odmítnout)/i;
  const ACCEPT = /^(accept|agree|allow|got it|i understand|ok(ay)?$|akzeptieren|alle akzeptieren|zustimmen|einverstanden|accepter|tout accepter|j'accepte|aceptar|accetta|accepteren|alles accepteren|godkänn|aceitar|akceptuj|přijmout)/i;
  const press = (root, pattern) => {
    for (const b of root.querySelectorAll('button, a, [role=button], input[type=button], input[type=submit]'))
      if (seen(b) && pattern.test(words(b))) { b.click(); return true; }
    return false;
  };
  if (banners) {
    const roots = new Set();
    for (const el of document.querySelectorAll('[id*=cookie i],[class*=cookie i],[id*=consent i],[class*=consent i],[id*=gdpr i],[class*=gdpr i],[role=dialog],[role=alertdialog],dialog,[aria-label*=cookie i]'))
      if (seen(el) && CONSENT.test((el.innerText || '').slice(0, 4000) + el.id + el.className)) roots.add(pinned(el) || el);
    for (const root of roots) {
      if (root === document.body || root === document.documentElement || !root.isConnected) continue;
      const pressed = banners === 'reject' ? press(root, REJECT) : banners === 'accept' ? press(root, ACCEPT) : false;
      if (pressed) await new Promise(requestAnimationFrame);
      if (root.isConnected && seen(root)) hide(root);
      done.banners++;
    }
    if (roots.size) unlock();
  }
  if (popups) {
    const area = innerWidth * innerHeight;
    for (const el of document.querySelectorAll('body *')) {
      if (!seen(el)) continue;
      const style = getComputedStyle(el), box = el.getBoundingClientRect();
      const dialog = el.tagName === 'DIALOG' || el.getAttribute('role') === 'dialog' || el.getAttribute('aria-modal') === 'true';
      const cover = style.position === 'fixed' && Number(style.zIndex) > 0 && box.width * box.height > area * 0.5;
      if (dialog || cover) { if (el.open && el.close) el.close(); hide(el); done.popups++; }
    }
    if (done.popups) unlock();
  }
  if (chats)
    for (const el of document.querySelectorAll('[id*=intercom i],[class*=intercom i],#drift-widget-container,[id*=crisp i],[class*=crisp-client],[id*=tawk i],#hubspot-messages-iframe-container,#fc_frame,[id*=tidio i],[id*=livechat i],iframe[title*=chat i],[class*=chat-widget i],[id*=chat-widget i]'))
      if (seen(el)) { hide(pinned(el) || el); done.chats++; }
  return done;
}
