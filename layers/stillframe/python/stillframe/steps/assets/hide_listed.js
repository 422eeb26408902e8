// Hides by a style sheet in the document, its open shadow roots and frames of the same origin.
//
// A constructed sheet is not subject to the page's Content-Security-Policy. A rule that the parser does not
// know is left out by itself. Called again, it adds what is new.
(rules, dom) => {
  // A page cannot give an element such a name.
  const SHEETS = Symbol.for('stillframe sheets');
  globalThis[SHEETS] ??= new WeakMap();
  const sheets = globalThis[SHEETS];
  const sheetOf = (doc, view) => {
    if (!sheets.has(doc)) sheets.set(doc, { sheet: new view.CSSStyleSheet(), rules: new Set() });
    const known = sheets.get(doc);
    for (const rule of rules.split('\n')) {
      if (known.rules.has(rule)) continue;
      known.rules.add(rule);
      try {
        known.sheet.insertRule(rule, known.sheet.cssRules.length);
      } catch {
        // The selector is not CSS.
      }
    }
    return known.sheet;
  };
  for (const tree of dom.treesOf(document, { frames: true })) {
    const doc = dom.kindOf(tree) === 9 ? tree : dom.documentOf(tree);
    const view = dom.viewOf(doc);
    if (!view) continue;
    const [sheet, adopted] = [sheetOf(doc, view), dom.adoptedIn(tree)];
    if (!adopted.includes(sheet)) dom.adopt(tree, [...adopted, sheet]);
  }
  return true;
};
