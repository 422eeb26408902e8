// Writes what is drawn of the page as plain HTML for the conversion to Markdown: shadow trees and frames of the
// same origin in their places, the values of form fields as text, addresses absolute, nothing that is hidden.
// `structure` adds the head and what tells the article from the rest: names of sections, ids, classes and roles.
// Returns its length only when it has more than `most` characters.
({ most, structure }, dom) => {
  const KEPT = new Set(
    [
      'a b blockquote br caption code dd del dl dt em figcaption h1 h2 h3 h4 h5 h6 hr i img kbd li ol p pre q',
      's samp strike strong sub sup table tbody td tfoot th thead tr ul video',
    ].flatMap((names) => names.split(' ')),
  );
  const SECTIONS =
    'address article aside details dialog figure footer form header main menu nav section summary time';
  const MARKS = ['id', 'class', 'role', 'itemprop', 'rel', 'datetime'];
  if (structure) for (const name of SECTIONS.split(' ')) KEPT.add(name);
  const EMPTY = new Set(['br', 'hr', 'img']);
  const INLINE = new Set(['a', 'b', 'code', 'del', 'em', 'i', 'kbd', 'q', 's', 'samp', 'strike', 'strong']);
  const LEFT_OUT = new Set(['script', 'style', 'template', 'svg', 'math', 'head']);
  const COPIED = {
    a: ['title'],
    img: ['alt', 'title'],
    ol: ['start'],
    pre: ['class', 'data-lang', 'data-language'],
    code: ['class', 'data-lang', 'data-language'],
    td: ['colspan'],
    th: ['colspan'],
  };
  const ADDRESSES = { a: 'href', img: 'src', video: 'src' };
  const ESCAPES = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
  const escaped = (text) => text.replace(/[&<>"]/g, (character) => ESCAPES[character]);
  const absolute = (address, base) => {
    try {
      const { href, protocol } = new URL(address, base);
      return protocol === 'javascript:' ? null : href;
    } catch {
      return address;
    }
  };

  // How many elements of the head are kept, and the characters of an attribute and of a script of data.
  const [MOST_OF_HEAD, MOST_OF_VALUE, MOST_OF_DATA] = [200, 4096, 65536];

  const parts = [];
  let length = 0;
  let inCode = 0;
  const write = (text) => {
    length += text.length;
    if (length <= most) parts.push(text);
  };
  const addressOf = (element, name) => {
    const attribute = ADDRESSES[name];
    const written = attribute ? dom.attribute(element, attribute) : null;
    const shown = name === 'img' ? element.currentSrc : '';
    // A lazy image has a placeholder as its `src` until it is shown.
    const address = !written || (shown && written.startsWith('data:')) ? shown || written : written;
    return address ? absolute(address, dom.baseOf(element)) : null;
  };
  const attributes = (element, name) => {
    let text = '';
    const address = addressOf(element, name);
    if (address) text += ` ${ADDRESSES[name]}="${escaped(address)}"`;
    if (structure && name === 'a' && dom.attribute(element, 'href')?.startsWith('#'))
      text += ' data-here="1"';
    for (const attribute of new Set([...(COPIED[name] ?? []), ...(structure ? MARKS : [])])) {
      const value = dom.attribute(element, attribute);
      if (value) text += ` ${attribute}="${escaped(value)}"`;
    }
    return text;
  };
  const writeHead = () => {
    const root = dom.rootOf(document);
    const some = (selector) => dom.all(document, selector).slice(0, MOST_OF_HEAD);
    const short = (element, name) => escaped((dom.attribute(element, name) ?? '').slice(0, MOST_OF_VALUE));
    write(`<html lang="${short(root, 'lang')}"><head>`);
    write(`<title>${escaped(dom.titleOf(document).slice(0, MOST_OF_VALUE))}</title>`);
    for (const meta of some('meta[content]')) {
      const names = ['name', 'property', 'itemprop', 'content'].filter((name) => dom.attribute(meta, name));
      write(`<meta${names.map((name) => ` ${name}="${short(meta, name)}"`).join('')}>`);
    }
    for (const link of some('link[rel~=canonical i][href]').slice(0, 1)) {
      const address = absolute(dom.attribute(link, 'href'), dom.baseOf(link));
      if (address) write(`<link rel="canonical" href="${escaped(address)}">`);
    }
    for (const script of some('script[type="application/ld+json" i]')) {
      // In JSON, `<` stands in strings only.
      const data = dom.textContentOf(script).replaceAll('<', '\\u003c');
      if (data.length <= MOST_OF_DATA) write(`<script type="application/ld+json">${data}</script>`);
    }
    write('</head><body>');
  };
  const field = (element, name, text) => {
    const kind = name === 'input' ? element.type : '';
    if (kind === 'checkbox' || kind === 'radio') return `<input${element.checked ? ' checked' : ''}>`;
    return text ? ` ${escaped(text).replace(/\n/g, '<br>')} ` : '';
  };

  if (structure) writeHead();
  dom.walk(dom.bodyOf(document) ?? dom.rootOf(document), {
    text: (words, style) => {
      const isKept = style.whiteSpaceCollapse !== 'collapse' && !inCode;
      write(isKept ? escaped(words).replace(/\n/g, '<br>') : escaped(words));
    },
    enter: (element, style) => {
      const name = dom.nameOf(element).toLowerCase();
      if (LEFT_OUT.has(name) || length > most) return false;
      const value = dom.fieldText(element);
      if (value !== null) {
        if (style.visibility === 'visible') write(field(element, name, value));
        return false;
      }
      const block = dom.isBlock(style);
      let [start, end] = ['', ''];
      if (!KEPT.has(name)) [start, end] = block ? [`<div${attributes(element, name)}>`, '</div>'] : ['', ''];
      else if (EMPTY.has(name)) start = `<${name}${attributes(element, name)}>`;
      else [start, end] = [`<${name}${attributes(element, name)}>`, `</${name}>`];
      if (INLINE.has(name) && block) [start, end] = [`<div>${start}`, `${end}</div>`];
      if (EMPTY.has(name) && style.visibility !== 'visible') start = '';
      const isCode = name === 'pre' || name === 'code';
      if (isCode) inCode += 1;
      write(start);
      return () => {
        if (isCode) inCode -= 1;
        write(end);
      };
    },
    frame: () => {
      write('<div>');
      return () => write('</div>');
    },
  });
  if (structure) write('</body></html>');
  return { length, text: length > most ? null : parts.join('') };
};
