// What of the document, its open shadow roots and frames of the same origin filter lists and rules ask for.
//
// `classes` and `ids`, each once; `unstyled`: trees without the style sheet of hide_listed.js; `layers`: how many
// elements float over the page; `signs`: the selectors that match; `words`: whether a layer reads like a banner.
({ most, layers, signs, patterns }, dom) => {
  const [classes, ids, seen] = [new Set(), new Set(), { layers: 0, unstyled: 0, words: false }];
  const trees = dom.treesOf(document, { frames: true });
  const sheets = globalThis[Symbol.for('stillframe sheets')];
  const documentOf = (tree) => (dom.kindOf(tree) === 9 ? tree : dom.documentOf(tree));
  const isPopover = (element) => {
    try {
      return (
        dom.attribute(element, 'popover') !== null && Element.prototype.matches.call(element, ':popover-open')
      );
    } catch {
      return false;
    }
  };
  const isDialog = (element) =>
    dom.nameOf(element) === 'dialog' ||
    /^(alert)?dialog$/.test(dom.attribute(element, 'role') ?? '') ||
    dom.attribute(element, 'aria-modal') === 'true' ||
    isPopover(element);
  const floats = ({ position, zIndex }) =>
    position === 'fixed' || position === 'sticky' || (position === 'absolute' && Number(zIndex) >= 1000);

  // The text of a layer counts for the layers in it, unless it holds so much that it may be the page itself.
  const LONG = 20_000;
  const read = [];
  let expressions = null;
  const readsLikeBanner = (element) => {
    if (read.some((outer) => Node.prototype.contains.call(outer, element))) return false;
    const text = dom.textOf(element, LONG);
    if (text.length < LONG) read.push(element);
    expressions ??= patterns.split('\n').map((source) => new RegExp(source, 'i'));
    return expressions.some((expression) => expression.test(text));
  };

  for (const tree of trees) {
    const sheet = sheets?.get(documentOf(tree))?.sheet;
    if (!sheet || !dom.adoptedIn(tree).includes(sheet)) seen.unstyled++;
    for (const element of dom.all(tree, layers ? '*' : '[class], [id]')) {
      if (classes.size + ids.size < most) {
        const id = dom.attribute(element, 'id');
        if (id) ids.add(id);
        for (const name of (dom.attribute(element, 'class') ?? '').split(/\s+/)) if (name) classes.add(name);
      }
      if (!layers) continue;
      const style = dom.styleOf(element);
      if (!(floats(style) || isDialog(element)) || dom.isAbsent(element, style)) continue;
      seen.layers++;
      if (patterns && !seen.words) seen.words = readsLikeBanner(element);
    }
  }
  const matches = (selector) => trees.some((tree) => dom.all(tree, selector).length > 0);
  const selectors = signs.split('\n');
  const found = signs && matches(selectors.join()) ? selectors.filter(matches) : [];
  return { ...seen, classes: [...classes], ids: [...ids], signs: found };
};
