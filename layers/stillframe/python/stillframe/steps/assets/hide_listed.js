// Adopts a style sheet in the document, its open shadow roots and frames of the same origin.
//
// A constructed sheet is not subject to the page's Content-Security-Policy. A rule that the parser does not
// know is left out by itself.
(rules) => {
  // Chromium 156 crashes when a script of about:blank touches a frame of a blob: address (tests/e2e, row `a
  // frame that Chromium cannot show to scripts`).
  const isSafe = (el) =>
    !(location.protocol === 'about:' && (el.getAttribute('src') ?? '').startsWith('blob:'));
  const sheets = new WeakMap();
  const sheetOf = (view) => {
    if (!sheets.has(view)) {
      const sheet = new view.CSSStyleSheet();
      for (const rule of rules) {
        try {
          sheet.insertRule(rule, sheet.cssRules.length);
        } catch {
          // The selector is not CSS.
        }
      }
      sheets.set(view, sheet);
    }
    return sheets.get(view);
  };
  const adopt = (root, view) => {
    root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheetOf(view)];
    for (const el of root.querySelectorAll('*')) {
      if (el.shadowRoot) adopt(el.shadowRoot, view);
      if (el.tagName !== 'IFRAME') continue;
      let inner = null;
      try {
        inner = isSafe(el) ? el.contentDocument : null;
      } catch {
        inner = null;
      }
      if (inner?.defaultView) adopt(inner, inner.defaultView);
    }
  };
  adopt(document, window);
  return true;
};
