// The first element that matches a CSS selector and can be seen, else null; the document and its open shadow
// trees are searched. With `hidden` it is else the first match.
({ selector, hidden }, dom) => {
  const trees = dom.treesOf(document, { frames: false });
  const found = trees.flatMap((tree) => dom.all(tree, selector));
  return found.find(dom.isVisible) ?? (hidden ? (found[0] ?? null) : null);
};
