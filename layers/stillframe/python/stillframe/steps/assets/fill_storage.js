// Fills a storage of one origin; runs in every document before the page's own scripts. `kind` is `localStorage`
// or `sessionStorage`.
(kind, origin, entries) => {
  if (location.origin !== origin) return;
  try {
    for (const [key, value] of Object.entries(entries)) window[kind].setItem(key, value);
  } catch {
    // A sandboxed document has no storage.
  }
};
