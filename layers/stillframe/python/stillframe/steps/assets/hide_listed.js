// Adopts a style sheet in the document, its open shadow roots and frames of the same origin.
//
// A constructed sheet is not subject to the page's Content-Security-Policy. A rule that the parser does not
// know is left out by itself.
(rules) => {
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
        inner = el.contentDocument;
      } catch {
        inner = null;
      }
      if (inner?.defaultView) adopt(inner, inner.defaultView);
    }
  };
  adopt(document, window);
  return true;
};
