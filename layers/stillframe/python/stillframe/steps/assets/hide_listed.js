// Adopts a style sheet in the document, its open shadow roots and frames of the same origin.
//
// A constructed sheet is not subject to the page's Content-Security-Policy. A rule that the parser does not
// know is left out by itself.
(rules, dom) => {
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
  for (const tree of dom.treesOf(document, { frames: true })) {
    const view = dom.viewOf(dom.kindOf(tree) === 9 ? tree : dom.documentOf(tree));
    if (view) dom.adopt(tree, [...dom.adoptedIn(tree), sheetOf(view)]);
  }
  return true;
};
