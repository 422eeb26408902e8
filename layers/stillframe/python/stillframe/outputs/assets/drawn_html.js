// Writes what is drawn of the page as plain HTML for the conversion to Markdown: shadow trees and frames of the
// same origin in their places, the values of form fields as text, addresses absolute, nothing that is hidden.
// Returns its length only when it has more than `most` characters.
(most, dom) => {
  const KEPT = new Set(
    [
      'a b blockquote br caption code dd del dl dt em figcaption h1 h2 h3 h4 h5 h6 hr i img kbd li ol p pre q',
      's samp strike strong sub sup table tbody td tfoot th thead tr ul video',
    ].flatMap((names) => names.split(' ')),
  );
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
    for (const attribute of COPIED[name] ?? []) {
      const value = dom.attribute(element, attribute);
      if (value) text += ` ${attribute}="${escaped(value)}"`;
    }
    return text;
  };
  const field = (element, name, text) => {
    const kind = name === 'input' ? element.type : '';
    if (kind === 'checkbox' || kind === 'radio') return `<input${element.checked ? ' checked' : ''}>`;
    return text ? ` ${escaped(text).replace(/\n/g, '<br>')} ` : '';
  };

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
      if (!KEPT.has(name)) [start, end] = block ? ['<div>', '</div>'] : ['', ''];
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
  return { length, text: length > most ? null : parts.join('') };
};
