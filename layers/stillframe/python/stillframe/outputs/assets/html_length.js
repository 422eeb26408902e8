// The length of the page's HTML in characters, so that a page over the limit is not transferred.
(_, dom) => {
  const root = dom.rootOf(document);
  return root ? dom.outerHtmlOf(root).length : 0;
};
