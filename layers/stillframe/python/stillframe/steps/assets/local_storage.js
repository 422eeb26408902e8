// Fills the local storage of one origin; runs in every document before the page's own scripts.
(origin, entries) => {
  if (location.origin !== origin) return;
  try {
    for (const [key, value] of Object.entries(entries)) localStorage.setItem(key, value);
  } catch {
    // A sandboxed document has no local storage.
  }
};
