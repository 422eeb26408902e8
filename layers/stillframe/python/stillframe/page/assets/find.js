// The first element that matches a CSS selector and can be seen, else the first match, else null; the document
// and its open shadow trees are searched.
(selector, dom) => {
  const trees = dom.treesOf(document, { frames: false });
  const found = trees.flatMap((tree) => dom.all(tree, selector));
  return found.find(dom.isVisible) ?? found[0] ?? null;
};
