// What filter lists and rules ask of the document, its open shadow roots and frames of the same origin.
//
// `classes` and `ids`, each once; `unstyled`: trees without the style sheet of hide_listed.js; `layers`: how many
// elements float over the page; `words`: whether one reads like a banner; `signs`: the selectors that match.
// Every element is visited once by code that has just been compiled, so the loop does little.
({ most, layers, signs, banner }, dom) => {
  const seen = { layers: 0, unstyled: 0, words: false };
  const [ids, lists, classes] = [new Set(), new Set(), new Set()];
  const sheets = globalThis[Symbol.for('stillframe sheets')];
  const trees = layers ? [document] : dom.treesOf(document, { frames: true });

  // The text of a layer counts for the layers in it, unless it holds so much that it may be the page itself.
  const LONG = 20_000;
  const read = [];
  let expression = null;
  const readsLikeBanner = (element) => {
    if (read.some((outer) => Node.prototype.contains.call(outer, element))) return false;
    const text = dom.textOf(element, LONG);
    if (text.length < LONG) read.push(element);
    expression ??= new RegExp(banner, 'i');
    return expression.test(text);
  };
  const note = (element, style) => {
    if (dom.isAbsent(element, style)) return;
    seen.layers++;
    if (banner && !seen.words) seen.words = readsLikeBanner(element);
  };
  const DIALOGS = 'dialog, [role=dialog], [role=alertdialog], [aria-modal=true], :popover-open';
  const MOST_TREES = 2000;
  const enter = (tree) => {
    if (tree && trees.length < MOST_TREES) trees.push(tree);
  };
  const { shadowOf } = dom;
  const visit = (element) => {
    enter(shadowOf(element));
    const style = getComputedStyle(element);
    const { position } = style;
    if (position === 'static' || position === 'relative') return;
    if (position !== 'absolute' || Number(style.zIndex) >= 1000) note(element, style);
  };

  for (const tree of trees) {
    const sheet = sheets?.get(dom.kindOf(tree) === 9 ? tree : dom.documentOf(tree))?.sheet;
    if (!sheet || !dom.adoptedIn(tree).includes(sheet)) seen.unstyled++;
    for (const element of dom.all(tree, '[id]')) if (ids.size < most) ids.add(dom.attribute(element, 'id'));
    for (const element of dom.all(tree, '[class]'))
      if (lists.size < most) lists.add(dom.attribute(element, 'class'));
    if (!layers) continue;
    for (const element of dom.all(tree, '*')) visit(element);
    for (const element of dom.all(tree, DIALOGS)) note(element, getComputedStyle(element));
    for (const element of dom.all(tree, 'iframe, frame, object')) enter(dom.documentIn(element));
  }
  for (const list of lists)
    for (const name of list.split(/\s+/)) if (name && classes.size < most) classes.add(name);

  const matches = (selector) => trees.some((tree) => dom.all(tree, selector).length > 0);
  const selectors = signs.split('\n');
  const found = signs && matches(selectors.join()) ? selectors.filter(matches) : [];
  return { ...seen, classes: [...classes], ids: [...ids], signs: found };
};
