// The page's visible text, or its length only when it has more than `most` characters.
(most, dom) => {
  const text = dom.documentText(document);
  return { length: text.length, text: text.length > most ? null : text };
};
