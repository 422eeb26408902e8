// Whether an element that matches a selector can be seen, in the document or its open shadow trees, and how many
// trees there are; null for a selector that is not CSS.
(selector, dom) => {
  let found;
  try {
    found = dom.all(document, selector);
  } catch {
    return null;
  }
  if (found.some(dom.isVisible)) return { visible: true, trees: 1 };
  const trees = dom.treesOf(document, { frames: false });
  const visible = trees.slice(1).some((tree) => dom.all(tree, selector).some(dom.isVisible));
  return { visible, trees: trees.length };
};
