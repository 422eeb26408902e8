// Adds style sheets to a document and its open shadow trees. They are constructed sheets, which no
// Content-Security-Policy forbids and which need no element.
(styles, dom) => {
  const key = Symbol.for('stillframe.styles');
  globalThis[key] ??= new Map();
  const made = globalThis[key];
  for (const [name, css] of Object.entries(styles)) {
    if (!made.has(name)) made.set(name, new CSSStyleSheet());
    made.get(name).replaceSync(css);
  }
  const sheets = Array.from(made.values());
  for (const tree of dom.treesOf(document, { frames: false })) {
    const adopted = dom.adoptedIn(tree);
    const missing = sheets.filter((sheet) => !adopted.includes(sheet));
    if (missing.length) dom.adopt(tree, [...adopted, ...missing]);
  }
};
