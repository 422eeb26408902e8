// The classes and ids of the document, its open shadow roots and frames of the same origin, each once.
(limit, dom) => {
  const classes = new Set();
  const ids = new Set();
  for (const tree of dom.treesOf(document, { frames: true }))
    for (const element of dom.all(tree, '[class], [id]')) {
      if (classes.size + ids.size > limit) break;
      const id = dom.attribute(element, 'id');
      if (id) ids.add(id);
      for (const name of (dom.attribute(element, 'class') ?? '').split(/\s+/)) if (name) classes.add(name);
    }
  return { classes: [...classes], ids: [...ids] };
};
