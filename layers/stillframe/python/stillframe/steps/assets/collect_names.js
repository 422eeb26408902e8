// The classes and ids of the document, its open shadow roots and frames of the same origin, each once.
(limit) => {
  // Chromium 156 crashes when a script of about:blank touches a frame of a blob: address (tests/e2e, row `a
  // frame that Chromium cannot show to scripts`).
  const isSafe = (el) =>
    !(location.protocol === 'about:' && (el.getAttribute('src') ?? '').startsWith('blob:'));
  const classes = new Set();
  const ids = new Set();
  const read = (root) => {
    for (const el of root.querySelectorAll('[class], [id], iframe')) {
      if (classes.size + ids.size > limit) return;
      if (el.id && typeof el.id === 'string') ids.add(el.id);
      for (const name of el.classList) classes.add(name);
      if (el.tagName !== 'IFRAME') continue;
      let inner = null;
      try {
        inner = isSafe(el) ? el.contentDocument : null;
      } catch {
        inner = null;
      }
      if (inner) read(inner);
    }
    for (const el of root.querySelectorAll('*')) if (el.shadowRoot) read(el.shadowRoot);
  };
  read(document);
  return { classes: [...classes], ids: [...ids] };
};
