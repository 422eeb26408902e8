// Writes the page as HTML that shows the page's state without its scripts: shadow trees, rules and sheets that
// scripts made, form values, canvases. Addresses become absolute. With `inline`, addresses of resources become
// `<token><number>;` and are returned, so that the caller can put the contents in their place.
({ inline, token, maxFrames }, dom) => {
  // A form or an image may give `document` and forms properties of any name, so the prototypes are asked.
  const asked = (prototype, name) => {
    const { get } = Object.getOwnPropertyDescriptor(prototype, name);
    return (node) => get.call(node);
  };
  const rootOf = asked(Document.prototype, 'documentElement');
  const doctypeOf = asked(Document.prototype, 'doctype');
  const sheetsOf = asked(Document.prototype, 'adoptedStyleSheets');
  const baseOf = asked(Node.prototype, 'baseURI');
  const nameOf = asked(Element.prototype, 'localName');
  const namespaceOf = asked(Element.prototype, 'namespaceURI');
  const shadowOf = asked(Element.prototype, 'shadowRoot');
  const outerHtml = asked(Element.prototype, 'outerHTML');
  const get = (element, name) => Element.prototype.getAttribute.call(element, name);
  const set = (element, name, value) => Element.prototype.setAttribute.call(element, name, value);
  const drop = (element, name) => Element.prototype.removeAttribute.call(element, name);

  const resources = [];
  const numbers = new Map();
  let missing = 0;
  let frames = 0;

  const placed = (address, kind) => {
    const key = `${kind} ${address}`;
    if (!numbers.has(key)) numbers.set(key, resources.push({ address, kind }) - 1);
    return `${token}${numbers.get(key)};`;
  };
  const absolute = (text, base) => {
    const address = text.trim();
    if (!address || address[0] === '#') return text;
    try {
      return new URL(address, base).href;
    } catch {
      return text;
    }
  };
  const resource = (text, base, kind) => {
    const address = absolute(text, base);
    return inline && /^(https?|blob):/i.test(address) ? placed(address, kind) : address;
  };
  const candidates = (text, change) =>
    text.replace(/([^\s,]\S*[^\s,])(\s+[\d.]+[wxh])?/g, (_, address, size) => change(address) + (size ?? ''));
  const rewritten = (css, base) =>
    css
      .replace(
        /url\(\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|((?:[^)"'\s\\]|\\.)*))\s*\)/g,
        (whole, double, single, bare) => {
          const address = (double ?? single ?? bare).replace(/\\([^0-9a-f\n])/gi, '$1');
          if (!address || address[0] === '#' || /^data:/i.test(address)) return whole;
          return `url("${resource(address, base, 'file').replace(/["\\\n]/g, encodeURIComponent)}")`;
        },
      )
      .replace(
        /(@import\s+)(["'])(.*?)\2/g,
        (_, at, quote, address) => at + quote + absolute(address, base) + quote,
      );

  const rulesOf = (sheet) => {
    try {
      return [...sheet.cssRules];
    } catch {
      return null; // of another origin
    }
  };
  const imported = (rule, base) => {
    const inner = inline && rule.styleSheet ? rulesOf(rule.styleSheet) : null;
    if (!inner) return rewritten(rule.cssText, base);
    let text = cssOf(rule.styleSheet, base);
    if (rule.media.mediaText) text = `@media ${rule.media.mediaText}{${text}}`;
    if (rule.supportsText) text = `@supports ${rule.supportsText}{${text}}`;
    return rule.layerName == null ? text : `@layer ${rule.layerName}{${text}}`;
  };
  const cssOf = (sheet, base) => {
    const own = sheet.href || base;
    return (rulesOf(sheet) ?? [])
      .map((rule) => (rule instanceof CSSImportRule ? imported(rule, own) : rewritten(rule.cssText, own)))
      .join('\n');
  };
  // Whether scripts have changed the rules: the text is kept otherwise, because other browsers know other rules.
  const isChanged = (sheet, text) => {
    const written = new CSSStyleSheet();
    written.replaceSync(text);
    const plain = (rules) =>
      rules.filter((rule) => !(rule instanceof CSSImportRule)).map((rule) => rule.cssText);
    return plain(rulesOf(sheet) ?? []).join('\n') !== plain([...written.cssRules]).join('\n');
  };
  const inStyle = (css) => css.replace(/<\/(style)/gi, '<\\/$1');
  const styled = (out, css, media) => {
    const style = out.createElement('style');
    if (media) set(style, 'media', media);
    style.textContent = inStyle(css);
    return style;
  };
  const adopt = (out, sheets, base, place) => {
    for (const sheet of sheets) {
      if (!sheet.disabled) place.append(styled(out, cssOf(sheet, base), sheet.media.mediaText));
    }
  };

  const pixels = (source, width, height) => {
    try {
      const canvas = Document.prototype.createElement.call(document, 'canvas');
      canvas.width = width;
      canvas.height = height;
      canvas.getContext('2d').drawImage(source, 0, 0, width, height);
      return canvas.toDataURL();
    } catch {
      return null; // a picture of another origin
    }
  };

  const states = {
    input: (from, to) => {
      const kind = from.type;
      if (kind === 'checkbox' || kind === 'radio') {
        if (from.checked) set(to, 'checked', '');
        else drop(to, 'checked');
      } else if (kind !== 'password' && kind !== 'file') set(to, 'value', from.value);
    },
    textarea: (from, to) => {
      to.textContent = from.value;
    },
    option: (from, to) => {
      if (from.selected) set(to, 'selected', '');
      else drop(to, 'selected');
    },
    canvas: (from, to) => {
      let picture = null;
      try {
        picture = from.toDataURL();
      } catch {
        missing += 1; // it holds a picture of another origin
      }
      // The width and height of the element stay those of its pixels; scripts that run again may draw anew.
      if (picture) {
        const style = get(to, 'style') ?? '';
        set(to, 'style', `${style};background:url("${picture}") 0 0/100% 100% no-repeat`);
      }
    },
    video: (from, to) => {
      if (!inline) return;
      const poster = from.videoWidth ? pixels(from, from.videoWidth, from.videoHeight) : null;
      if (poster) {
        set(to, 'poster', poster);
        drop(to, 'src');
        to.replaceChildren();
      }
    },
    img: (from, to) => {
      const address = from.currentSrc || from.src;
      if (address.startsWith('blob:') && from.naturalWidth) {
        const picture = pixels(from, from.naturalWidth, from.naturalHeight);
        if (picture) set(to, 'src', picture);
        drop(to, 'srcset');
      } else if (inline && address) {
        set(to, 'src', resource(address, baseOf(from), 'file'));
        for (const name of ['srcset', 'sizes', 'loading']) drop(to, name);
      }
    },
  };

  const SINGLE = {
    href: ['a', 'area', 'link', 'image', 'use', 'feimage', 'mpath', 'textpath', 'pattern'],
    src: ['img', 'iframe', 'embed', 'video', 'audio', 'source', 'track', 'script', 'input', 'frame'],
    poster: ['video'],
    data: ['object'],
    action: ['form'],
    formaction: ['button', 'input'],
    cite: ['blockquote', 'q', 'ins', 'del'],
    background: ['body', 'table', 'tr', 'td', 'th'],
  };
  const INLINED = {
    href: ['image', 'feimage'],
    src: ['embed', 'input', 'audio', 'track'],
    poster: ['video'],
    data: ['object'],
    background: SINGLE.background,
  };
  const addresses = (from, to, name) => {
    const base = baseOf(from);
    for (const [attribute, names] of Object.entries(SINGLE)) {
      const value = names.includes(name) ? get(to, attribute) : null;
      if (value === null || value.startsWith(token) || value.startsWith('data:')) continue;
      const isFile = INLINED[attribute]?.includes(name);
      set(to, attribute, isFile ? resource(value, base, 'file') : absolute(value, base));
    }
    const linked = to.getAttributeNS?.('http://www.w3.org/1999/xlink', 'href');
    if (linked) to.setAttributeNS('http://www.w3.org/1999/xlink', 'xlink:href', absolute(linked, base));
    for (const attribute of ['srcset', 'imagesrcset']) {
      const value = get(to, attribute);
      if (value)
        set(
          to,
          attribute,
          candidates(value, (address) => absolute(address, base)),
        );
    }
    const style = get(to, 'style');
    if (style?.includes('url(')) set(to, 'style', rewritten(style, base));
  };

  const isRun = (element) => {
    const kind = (get(element, 'type') ?? '').trim().toLowerCase();
    return !kind || kind === 'module' || kind === 'importmap' || /javascript|ecmascript/.test(kind);
  };
  const sheetElement = (out, from, to, name) => {
    const base = baseOf(from);
    const { sheet } = from;
    if (name === 'style') {
      if (!sheet) return;
      const text = from.textContent;
      to.textContent = inStyle(inline || isChanged(sheet, text) ? cssOf(sheet, base) : rewritten(text, base));
      if (sheet.disabled) set(to, 'media', 'not all');
      else if (sheet.media.mediaText) set(to, 'media', sheet.media.mediaText);
      return;
    }
    const relations = (get(from, 'rel') ?? '').toLowerCase().split(/\s+/);
    if (!inline) return;
    if (sheet && relations.includes('stylesheet') && !sheet.disabled) {
      const css = rulesOf(sheet) ? cssOf(sheet, base) : placed(sheet.href, 'sheet');
      to.replaceWith(styled(out, css, sheet.media.mediaText));
    } else if (relations.includes('icon')) set(to, 'href', resource(get(from, 'href') ?? '', base, 'file'));
    else if (!relations.includes('canonical') && !relations.includes('alternate')) to.remove();
  };
  const frame = (from, to) => {
    if (!inline) return;
    const inner = dom.documentIn(from);
    frames += 1;
    if (inner && rootOf(inner) && frames <= maxFrames) {
      set(to, 'srcdoc', documentOf(inner));
      drop(to, 'src');
    } else missing += 1;
  };

  const dress = (out, from, to) => {
    const name = nameOf(from).toLowerCase();
    states[name]?.(from, to);
    addresses(from, to, name);
    if (name === 'style' || name === 'link') sheetElement(out, from, to, name);
    else if (name === 'iframe') frame(from, to);
    else if (name === 'base') drop(to, 'href');
    else if (name === 'script' && inline && isRun(to)) to.remove();
    else if (name === 'source' && inline && nameOf(from.parentElement ?? from) === 'picture') to.remove();
    // With scripts its content is text, which a document without scripts writes with escapes.
    else if (name === 'noscript' && !to.firstElementChild) to.innerHTML = to.textContent;
    else if (name === 'meta') {
      const directive = (get(to, 'http-equiv') ?? '').toLowerCase();
      if (get(to, 'charset') !== null || directive === 'content-type') to.remove();
      // A policy that names origins and nonces of the page forbids the styles that are written here.
      else if (directive === 'content-security-policy') to.remove();
    }
    const shadow = shadowOf(from);
    if (shadow) to.prepend(shadowTemplate(out, shadow));
  };
  const shadowTemplate = (out, shadow) => {
    const template = out.createElement('template');
    set(template, 'shadowrootmode', shadow.mode);
    if (shadow.delegatesFocus) set(template, 'shadowrootdelegatesfocus', '');
    for (const child of shadow.childNodes) template.content.append(out.importNode(child, true));
    walk(out, shadow, template.content);
    adopt(out, shadow.adoptedStyleSheets, baseOf(shadow.host), template.content);
    return template;
  };
  const walk = (out, from, to) => {
    const left = Document.prototype.createTreeWalker.call(document, from, NodeFilter.SHOW_ELEMENT);
    const right = out.createTreeWalker(to, NodeFilter.SHOW_ELEMENT);
    const pairs = [];
    while (left.nextNode() && right.nextNode()) pairs.push([left.currentNode, right.currentNode]);
    for (const [original, copy] of pairs) dress(out, original, copy);
  };

  const documentOf = (source) => {
    const root = rootOf(source);
    const doctype = doctypeOf(source);
    const start = doctype ? new XMLSerializer().serializeToString(doctype) : '';
    if (nameOf(root) !== 'html' || namespaceOf(root) !== 'http://www.w3.org/1999/xhtml')
      return start + outerHtml(root);
    // A document without a window: nothing in it loads, runs or is upgraded.
    const out = new DOMParser().parseFromString('', 'text/html');
    const copy = out.importNode(root, true);
    walk(out, root, copy);
    const place =
      copy.querySelector(':scope > head') ?? copy.insertBefore(out.createElement('head'), copy.firstChild);
    // Adopted sheets come after the others in the cascade.
    const isLate = copy.querySelector('body style, body link[rel~=stylesheet i]');
    adopt(out, sheetsOf(source), baseOf(root), (isLate && copy.querySelector(':scope > body')) ?? place);
    const charset = out.createElement('meta');
    set(charset, 'charset', 'utf-8');
    place.prepend(charset);
    return start + outerHtml(copy);
  };

  return { html: rootOf(document) ? documentOf(document) : '', resources, missing };
};
