// The document's HTML without its scripts.
(_, dom) => {
  const root = dom.rootOf(document);
  if (!root) return '';
  const copy = Node.prototype.cloneNode.call(root, true);
  for (const script of dom.all(copy, 'script')) script.remove();
  return dom.outerHtmlOf(copy);
};
