// The document's HTML as it stands, without scripts and without the values of fields that hold secrets.
(most, dom) => {
  const root = dom.rootOf(document);
  if (!root) return '';
  // In a document of its own nothing is loaded and no custom element is made.
  const copy = new DOMParser().parseFromString(dom.outerHtmlOf(root).slice(0, 4 * most), 'text/html');
  for (const script of copy.querySelectorAll('script'))
    script.textContent = script.textContent ? `/* ${script.textContent.length} characters */` : '';
  for (const field of copy.querySelectorAll('input[type=password i], input[type=hidden i]'))
    if (field.hasAttribute('value')) field.setAttribute('value', '…');
  for (const meta of copy.querySelectorAll('meta[name*=csrf i], meta[name*=token i]'))
    meta.setAttribute('content', '…');
  return copy.documentElement.outerHTML.slice(0, most);
};
