// Adds rules that win over the page's own; a constructed sheet obeys no Content-Security-Policy.
(rules, dom) => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(rules);
  dom.adopt(document, [...dom.adoptedIn(document), sheet]);
};
