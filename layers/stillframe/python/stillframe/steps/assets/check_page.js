// The text that the assertions of a request are checked against.
(_, dom) => ({ text: dom.documentText(document) });
