// The height of the page's content in CSS pixels.
(_, dom) => {
  const [root, body] = [dom.rootOf(document), dom.bodyOf(document)];
  return Math.max(root.scrollHeight, body ? body.scrollHeight : 0, dom.boxOf(root).height);
};
