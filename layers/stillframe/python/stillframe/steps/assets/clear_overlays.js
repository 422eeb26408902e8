// Hides consent banners, pop-ups and what filter lists name, when they lie over the page; returns how many.
//
// An element in the flow of the page is never touched: a page about cookies has all the words of a banner.
({ banners, popups, selectors, known, answered, mode, onlyPress }, dom) => {
  const CONSENT =
    /\b(cookies?|consent|gdpr|ccpa|tracking|personal data|privacy)\b|datenschutz|einwilligung|rgpd|confidentialit|privacidad|consentimiento|personuppgifter|personoplysninger|informasjonskapsl|evästeet|soubory cookie|plik(i|ów) cookie|クッキー|개인정보/i;
  const ANSWERS =
    /^(i |we |yes,? |no,? |that'?s )?(accept|agree|allow|got it|ok(ay)?\b|i understand|reject|decline|refuse|deny|disagree|only |use necessary|necessary|essential|manage|customi[sz]e|cancel|later|thanks|settings|preferences|options|save|continue|akzept|zustimmen|alle |ablehnen|einstellungen|einverstanden|speichern|accepter|tout |refuser|paramétrer|continuer|aceptar|rechazar|configurar|accetta|rifiuta|personalizza|accepteren|weiger|alles |godkänn|avvisa|acceptera|accepter alle|aceitar|recusar|akceptuj|odrzuć|přijmout|odmítnout)/i;
  const CONSENT_FRAME =
    /consent|privacy|cookie|gdpr|cmp|sp_message|trustarc|truste|onetrust|quantcast|didomi/i;
  const BUTTONS = 'button, a, [role=button], input[type=button], input[type=submit]';
  const SHOWING = 'img, video, canvas, svg, iframe, object, embed';
  const done = { banners: 0, popups: 0, listed: 0, pressed: 0 };

  // Open shadow roots and frames of the same origin belong to what a person sees.
  const roots = dom.treesOf(document, { frames: true });

  const styleOf = (el) => el.ownerDocument.defaultView.getComputedStyle(el);
  const textOf = (node) => {
    let text = '';
    const read = (root) => {
      for (const el of root.childNodes) {
        if (el.nodeType === 3) text += ` ${el.data}`;
        else if (el.nodeType === 1 && !/^(SCRIPT|STYLE|TEMPLATE|NOSCRIPT)$/.test(el.tagName)) {
          if (el.shadowRoot) read(el.shadowRoot);
          read(el);
        }
        if (text.length > 6000) return;
      }
    };
    if (node.shadowRoot) read(node.shadowRoot);
    read(node);
    return text;
  };
  const shown = (el) => {
    const box = el.getBoundingClientRect();
    const style = styleOf(el);
    return (
      box.width > 0 &&
      box.height > 0 &&
      style.visibility !== 'hidden' &&
      style.display !== 'none' &&
      Number(style.opacity) > 0
    );
  };
  const parentOf = (el) => el.parentElement || el.getRootNode().host || null;
  const isDialog = (el) =>
    ['dialog', 'alertdialog'].includes(el.getAttribute('role')) ||
    el.tagName === 'DIALOG' ||
    el.getAttribute('aria-modal') === 'true' ||
    el.matches(':popover-open');
  const floats = (el) => {
    const style = styleOf(el);
    if (style.position === 'fixed' || style.position === 'sticky') return true;
    return style.position === 'absolute' && Number(style.zIndex) >= 1000;
  };
  const isPage = (el) => ['HTML', 'BODY', 'MAIN'].includes(el.tagName);
  const pageText = textOf(document.documentElement).length;
  // An application may live in one fixed element; that is the page, whatever lies in it.
  const holdsThePage = (el) =>
    isPage(el) || !!el.querySelector('main, article') || textOf(el).length > Math.max(2500, pageText * 0.6);
  const hide = (el) => {
    if (el.tagName === 'DIALOG' && el.open) el.close();
    el.style.setProperty('display', 'none', 'important');
  };
  // Banners float in frames too; any other layer of a frame belongs to what is embedded.
  const layers = ({ frames = false } = {}) => {
    const found = new Set();
    for (const root of roots)
      for (const el of root.querySelectorAll('*'))
        if ((frames || el.ownerDocument === document) && (floats(el) || isDialog(el)) && shown(el))
          found.add(el);
    return [...found].filter((el) => {
      for (let up = parentOf(el); up; up = parentOf(up)) if (found.has(up) && !holdsThePage(up)) return false;
      return !holdsThePage(el);
    });
  };
  const buttonsOf = (el) => {
    const inner = [...el.querySelectorAll(BUTTONS)];
    for (const root of roots)
      if (root.host && el.contains(root.host)) inner.push(...root.querySelectorAll(BUTTONS));
    if (el.shadowRoot) inner.push(...el.shadowRoot.querySelectorAll(BUTTONS));
    return inner;
  };
  const label = (el) => (el.innerText || el.value || el.getAttribute('aria-label') || '').trim();
  const WORDS = {
    reject:
      /^(no,? |i )?(reject|decline|refuse|deny|disagree|only (necessary|essential|required)|(use )?(necessary|essential|required)( cookies)? only|continue without|alle ablehnen|ablehnen|nur (notwendige|essenzielle|erforderliche)|tout refuser|refuser|continuer sans|rechazar|solo (necesarias|esenciales)|rifiuta|weiger|alles weigeren|avvisa|recusar|rejeitar|odrzuć|odmítnout)/i,
    accept:
      /^(yes,? |i )?(accept|agree|allow|got it|i understand|ok(ay)?\b|akzeptieren|alle akzeptieren|zustimmen|einverstanden|accepter|tout accepter|j'accepte|aceptar|accetta|accepteren|alles accepteren|godkänn|aceitar|akceptuj|přijmout)/i,
  };
  // What autoconsent did not answer is answered by its words; a link could lead away, so only buttons are pressed.
  const press = (el) => {
    const words = answered ? null : WORDS[mode];
    if (!words) return;
    const button = buttonsOf(el).find((b) => b.tagName !== 'A' && shown(b) && words.test(label(b)));
    if (!button) return;
    done.pressed++;
    button.click();
  };
  const isConsentFrame = (el) =>
    el.tagName === 'IFRAME' && CONSENT_FRAME.test(`${el.src} ${el.title} ${el.name} ${el.id}`);
  const isBanner = (el) => {
    if (isConsentFrame(el) || [...el.querySelectorAll('iframe')].some(isConsentFrame)) return true;
    // A known manager was found, so a layer with the words needs no button to be its banner.
    return CONSENT.test(textOf(el)) && (known || buttonsOf(el).some((button) => ANSWERS.test(label(button))));
  };
  const covers = (el) => {
    const box = el.getBoundingClientRect();
    return styleOf(el).position === 'fixed' && box.width * box.height > innerWidth * innerHeight * 0.5;
  };
  const unlock = () => {
    for (const el of [document.documentElement, document.body]) {
      if (!el) continue;
      const style = getComputedStyle(el);
      if (['hidden', 'clip'].includes(style.overflowY))
        el.style.setProperty('overflow', 'visible', 'important');
      if (style.position === 'fixed') el.style.setProperty('position', 'static', 'important');
      if (style.filter.includes('blur')) el.style.setProperty('filter', 'none', 'important');
    }
    for (const el of document.body?.children ?? [])
      if (getComputedStyle(el).filter.includes('blur')) el.style.setProperty('filter', 'none', 'important');
    // What dimmed the page behind the banner.
    const isEmpty = (el) => !textOf(el).trim() && !el.matches(SHOWING) && !el.querySelector(SHOWING);
    for (const el of layers()) if (covers(el) && isEmpty(el)) hide(el);
  };

  if (selectors.length) {
    const floating = (el) => {
      for (let up = el; up && !isPage(up); up = parentOf(up)) if (floats(up) || isDialog(up)) return true;
      return false;
    };
    for (const root of roots)
      for (const selector of selectors) {
        let matches = [];
        try {
          matches = root.querySelectorAll(selector);
        } catch {
          continue;
        }
        for (const el of matches)
          if (shown(el) && floating(el) && !holdsThePage(el)) {
            hide(el);
            done.listed++;
          }
      }
  }
  if (banners)
    for (const el of layers({ frames: true }))
      if (isBanner(el)) {
        press(el);
        if (onlyPress) continue;
        hide(el);
        done.banners++;
      }
  if (popups)
    for (const el of layers())
      if (isDialog(el) || (covers(el) && Number(styleOf(el).zIndex) > 0)) {
        hide(el);
        done.popups++;
      }
  if (answered || done.banners || done.popups || done.listed) unlock();
  done.left = banners ? layers({ frames: true }).filter(isBanner).length : 0;
  return done;
};
