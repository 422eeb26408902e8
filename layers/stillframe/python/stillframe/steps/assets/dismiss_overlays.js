// Dismisses consent banners, closes overlays and hides chat widgets; returns the number of each.
async ({ banners, popups, chats }) => {
  const BANNERS = [
    ...['[id*=cookie i]', '[class*=cookie i]', '[aria-label*=cookie i]'],
    ...['[id*=consent i]', '[class*=consent i]', '[id*=gdpr i]', '[class*=gdpr i]'],
    ...['[role=dialog]', '[role=alertdialog]', 'dialog'],
  ];
  const CHATS = [
    ...['[id*=intercom i]', '[class*=intercom i]', '#drift-widget-container', '#fc_frame'],
    ...['[id*=crisp i]', '[class*=crisp-client]', '[id*=tawk i]', '#hubspot-messages-iframe-container'],
    ...['[id*=tidio i]', '[id*=livechat i]', 'iframe[title*=chat i]'],
    ...['[class*=chat-widget i]', '[id*=chat-widget i]'],
  ];
  const BUTTONS = ['button', 'a', '[role=button]', 'input[type=button]', 'input[type=submit]'];
  const CONSENT = /cookie|consent|gdpr|datenschutz|privacy|rgpd|confidentialit|privacidad|personal data/i;
  const starting = (words) => new RegExp(`^(${words.join('|')})`, 'i');
  const REJECT = starting([
    ...['reject', 'decline', 'refuse', 'deny', 'no,? thanks', 'only (necessary|essential|required)'],
    ...['necessary only', 'essential only', 'use necessary', 'continue without'],
    ...['alle ablehnen', 'ablehnen', 'nur (notwendige|essenzielle|erforderliche)'],
    ...['tout refuser', 'refuser', 'continuer sans', 'rechazar', 'solo (necesarias|esenciales)'],
    ...['rifiuta', 'weiger', 'alles weigeren', 'avvisa', 'recusar', 'rejeitar', 'odrzuć', 'odmítnout'],
  ]);
  const ACCEPT = starting([
    ...['accept', 'agree', 'allow', 'got it', 'i understand', 'ok(ay)?$'],
    ...['akzeptieren', 'alle akzeptieren', 'zustimmen', 'einverstanden'],
    ...['accepter', 'tout accepter', "j'accepte", 'aceptar', 'accetta', 'accepteren', 'alles accepteren'],
    ...['godkänn', 'aceitar', 'akceptuj', 'přijmout'],
  ]);

  const done = { banners: 0, popups: 0, chats: 0 };
  const all = (root, selectors) => root.querySelectorAll(selectors.join());
  const shown = (el) => {
    const box = el.getBoundingClientRect();
    const style = getComputedStyle(el);
    return box.width > 0 && box.height > 0 && style.visibility !== 'hidden' && style.display !== 'none';
  };
  const isDialog = (el) => el.getAttribute('role') === 'dialog' || el.tagName === 'DIALOG';
  const isFixed = (el) => ['fixed', 'sticky'].includes(getComputedStyle(el).position);
  // The fixed element or dialog around an element, or null.
  const layerOf = (el) => {
    for (let e = el; e && e !== document.body; e = e.parentElement) if (isFixed(e) || isDialog(e)) return e;
    return null;
  };
  const label = (el) =>
    (el.innerText || el.value || el.getAttribute('aria-label') || '').trim().toLowerCase();
  const hide = (el) => el.style.setProperty('display', 'none', 'important');
  // Banners and overlays often stop the page from scrolling.
  const unlockScrolling = () => {
    for (const el of [document.documentElement, document.body])
      if (el && ['hidden', 'clip'].includes(getComputedStyle(el).overflowY))
        el.style.setProperty('overflow', 'visible', 'important');
  };
  const press = (root, pattern) => {
    for (const button of all(root, BUTTONS))
      if (shown(button) && pattern.test(label(button))) {
        button.click();
        return true;
      }
    return false;
  };

  if (banners) {
    const roots = new Set();
    for (const el of all(document, BANNERS))
      if (shown(el) && CONSENT.test((el.innerText || '').slice(0, 4000) + el.id + el.className))
        roots.add(layerOf(el) || el);
    for (const root of roots) {
      if (root === document.body || root === document.documentElement || !root.isConnected) continue;
      const answer = { reject: REJECT, accept: ACCEPT }[banners];
      if (answer && press(root, answer)) await new Promise(requestAnimationFrame);
      if (root.isConnected && shown(root)) hide(root);
      done.banners++;
    }
    if (roots.size) unlockScrolling();
  }
  if (popups) {
    const area = innerWidth * innerHeight;
    for (const el of document.querySelectorAll('body *')) {
      if (!shown(el)) continue;
      const style = getComputedStyle(el);
      const box = el.getBoundingClientRect();
      const covers =
        style.position === 'fixed' && Number(style.zIndex) > 0 && box.width * box.height > area * 0.5;
      if (isDialog(el) || el.getAttribute('aria-modal') === 'true' || covers) {
        if (el.open && el.close) el.close();
        hide(el);
        done.popups++;
      }
    }
    if (done.popups) unlockScrolling();
  }
  if (chats)
    for (const el of all(document, CHATS))
      if (shown(el)) {
        hide(layerOf(el) || el);
        done.chats++;
      }
  return done;
};
