// Hides the text caret where something has the focus: a blinking caret is in one capture and not in the next.
(_, dom) => {
  const css = '*{caret-color:transparent!important}';
  for (let tree = document; tree; ) {
    const focused = dom.focusedIn(tree);
    if (!focused || focused === dom.bodyOf(document)) return;
    const view = dom.viewOf(dom.documentOf(focused));
    const sheet = new view.CSSStyleSheet();
    sheet.replaceSync(css);
    dom.adopt(tree, [...dom.adoptedIn(tree), sheet]);
    tree = dom.shadowOf(focused) ?? dom.documentIn(focused);
  }
};
