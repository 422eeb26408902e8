// The names of the rules of autoconsent whose steps the document fulfils.
//
// Shadow roots and frames of the same origin count as the document, and what depends on the page's scripts or
// on cookies counts as fulfilled: autoconsent itself decides about the rules that are left.
(rules, dom) => {
  const trees = dom.treesOf(document, { frames: true });
  const byPath = (tree, path) => {
    const start = dom.kindOf(tree) === 9 ? tree : dom.documentOf(tree);
    return Document.prototype.evaluate.call(start, path, tree, null, 9).singleNodeValue !== null;
  };
  const exists = (selector) =>
    [selector].flat().every((one) =>
      trees.some((tree) => {
        try {
          return one.startsWith('xpath/') ? byPath(tree, one.slice(6)) : dom.all(tree, one).length > 0;
        } catch {
          return false; // not a selector, or a path into a shadow root
        }
      }),
    );
  const fulfilled = (step) => {
    const found =
      (!step.exists || exists(step.exists)) &&
      (!step.visible || exists(step.visible)) &&
      (!step.any || step.any.some(fulfilled));
    if (step.eval || step.cookieContains) return true;
    return step.negated ? !found : found || !!step.optional;
  };
  return rules.filter(({ steps }) => steps.every(fulfilled)).map(({ name }) => name);
};
