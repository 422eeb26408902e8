// Helpers of the scripts that run in the isolated world. A form or an image may name properties of `document`
// and of forms (`<img name=body>`), also for this world, so the accessors of the prototypes are used.
() => {
  const MOST_ROOTS = 2000;
  const accessor = (owner, name) => {
    const { get } = Object.getOwnPropertyDescriptor(owner.prototype, name);
    return (node) => get.call(node);
  };
  const method = (owner, name) => {
    const found = owner.prototype[name];
    return (node, ...args) => found.apply(node, args);
  };
  const kindOf = accessor(Node, 'nodeType');
  const dataOf = accessor(CharacterData, 'data');
  const childrenOf = accessor(Node, 'childNodes');
  const parentOf = accessor(Node, 'parentNode');
  const baseOf = accessor(Node, 'baseURI');
  const textContentOf = accessor(Node, 'textContent');
  const nameOf = accessor(Element, 'localName');
  const namespaceOf = accessor(Element, 'namespaceURI');
  const shadowOf = accessor(Element, 'shadowRoot');
  const slotOfText = accessor(Text, 'assignedSlot');
  const nextOf = accessor(Element, 'nextElementSibling');
  const attribute = method(Element, 'getAttribute');
  const boxOf = method(Element, 'getBoundingClientRect');
  const hasBox = method(Element, 'checkVisibility');
  const rootOf = accessor(Document, 'documentElement');
  const bodyOf = accessor(Document, 'body');
  const titleOf = accessor(Document, 'title');
  const scrollerOf = (doc) => accessor(Document, 'scrollingElement')(doc) || rootOf(doc);
  const outerHtmlOf = accessor(Element, 'outerHTML');
  const viewOf = accessor(Document, 'defaultView');
  const documentOf = accessor(Node, 'ownerDocument');
  const fontsOf = accessor(Document, 'fonts');
  const innerTextOf = accessor(HTMLElement, 'innerText');
  const styleOf = (element, pseudo) => getComputedStyle(element, pseudo);

  const FRAMES = { iframe: HTMLIFrameElement, frame: HTMLFrameElement, object: HTMLObjectElement };
  // Chromium 156 crashes when a script of about:blank touches a frame of a blob: address (tests/e2e, row `a
  // frame that Chromium cannot show to scripts`).
  const crashes = (element) =>
    location.protocol === 'about:' &&
    /^\s*blob:/i.test(attribute(element, 'src') ?? attribute(element, 'data') ?? '');
  /** The document inside of a frame of the same origin, or null. */
  const documentIn = (element) => {
    try {
      const owner = FRAMES[nameOf(element)];
      return owner && !crashes(element) ? accessor(owner, 'contentDocument')(element) : null;
    } catch {
      return null; // an element of another namespace
    }
  };

  const QUERIES = { 1: Element, 9: Document, 11: DocumentFragment };
  /** The elements of one tree that match a selector. */
  const all = (root, selector) =>
    Array.from(QUERIES[kindOf(root)].prototype.querySelectorAll.call(root, selector));

  const SHEETS = 'adoptedStyleSheets';
  const ownerOfSheets = (tree) => (kindOf(tree) === 9 ? Document : ShadowRoot);
  const adoptedIn = (tree) => Array.from(accessor(ownerOfSheets(tree), SHEETS)(tree));
  const adopt = (tree, sheets) =>
    Object.getOwnPropertyDescriptor(ownerOfSheets(tree).prototype, SHEETS).set.call(tree, sheets);

  const focusedIn = (tree) => accessor(ownerOfSheets(tree), 'activeElement')(tree);

  /** A document and the trees in it: open shadow roots, and frames of the same origin if asked for. */
  const treesOf = (doc, { frames }) => {
    const found = [doc];
    for (const root of found)
      for (const inner of [
        ...all(root, '*').map(shadowOf),
        ...(frames ? all(root, 'iframe, frame, object').map(documentIn) : []),
      ])
        if (inner && found.length < MOST_ROOTS) found.push(inner);
    return found;
  };

  /** The inline style of an element, also of SVG and MathML; undefined for elements of other namespaces. */
  const inlineStyleOf = (element) => {
    for (const owner of [HTMLElement, SVGElement, MathMLElement])
      try {
        return accessor(owner, 'style')(element);
      } catch {
        // an element of another kind
      }
    return undefined;
  };

  /** The nodes that are drawn inside of an element: its shadow tree, the nodes of its slot, or its children. */
  const drawnIn = (element) => {
    const shadow = shadowOf(element);
    if (shadow) return Array.from(childrenOf(shadow));
    if (nameOf(element) === 'slot') {
      const assigned = HTMLSlotElement.prototype.assignedNodes.call(element, { flatten: true });
      if (assigned.length) return assigned;
    }
    const children = Array.from(childrenOf(element));
    if (nameOf(element) === 'details' && attribute(element, 'open') === null)
      return children.filter((child) => kindOf(child) === 1 && nameOf(child) === 'summary').slice(0, 1);
    return children;
  };

  /** Whether an element, its content included, is left out of the layout. */
  const isAbsent = (element, style) =>
    style.display === 'none' || (style.display !== 'contents' && !hasBox(element));

  /** Whether an element can be seen: it has a size and is not hidden. */
  const isVisible = (element) => {
    const style = styleOf(element);
    if (style.display === 'contents')
      return Array.from(childrenOf(element)).some((child) =>
        kindOf(child) === 1 ? isVisible(child) : kindOf(child) === 3 && dataOf(child).trim() !== '',
      );
    const box = boxOf(element);
    return hasBox(element) && style.visibility === 'visible' && box.width > 0 && box.height > 0;
  };

  /** The first match of a CSS selector that can be seen, in the document and its open shadow trees, else null. */
  const firstSeen = (selector, { hidden }) => {
    const found = treesOf(document, { frames: false }).flatMap((tree) => all(tree, selector));
    return found.find(isVisible) ?? (hidden ? (found[0] ?? null) : null);
  };

  const SILENT = new Set(['hidden', 'password', 'checkbox', 'radio', 'range', 'color', 'file', 'image']);
  /** What a form field shows, or null for any other element. */
  const fieldText = (element) => {
    try {
      switch (nameOf(element)) {
        case 'input':
          return SILENT.has(element.type) ? '' : element.value;
        case 'textarea':
          return element.value;
        case 'select':
          return Array.from(element.selectedOptions, (option) => option.label).join('\n');
      }
    } catch {
      // an element of another namespace
    }
    return null;
  };

  const CASES = {
    uppercase: (text) => text.toUpperCase(),
    lowercase: (text) => text.toLowerCase(),
    capitalize: (text) => text.replace(/(^|\s)\S/gu, (start) => start.toUpperCase()),
  };
  /** A text node as it is drawn, white space within the node collapsed as its style says. */
  const shownText = (node, style) => {
    const text = CASES[style.textTransform]?.(dataOf(node)) ?? dataOf(node);
    if (style.whiteSpaceCollapse === 'collapse') return text.replace(/[\t\n\r\f ]+/g, ' ');
    return style.whiteSpaceCollapse === 'preserve-breaks' ? text.replace(/[\t\f ]+/g, ' ') : text;
  };

  const BLOCKS = /^(block|flex|grid|list-item|table|table-caption|flow-root|block .*)$/;
  const isBlock = (style) => BLOCKS.test(style.display) || style.float !== 'none';
  // Elements whose children are not drawn.
  const CLOSED = new Set([
    ...['canvas', 'video', 'audio', 'img', 'progress', 'meter', 'iframe', 'frame', 'datalist'],
    ...['title', 'desc', 'metadata', 'defs', 'symbol', 'script', 'style', 'template'],
  ]);

  /**
   * Visit what is drawn, in the order of the flat tree and into frames of the same origin, without recursion:
   * pages may be nested more deeply than the stack allows. `enter(element, style)` returns false to leave the
   * content out, or what to call after it.
   */
  const walk = (start, { text, enter, frame }) => {
    const stack = [start];
    const push = (nodes) => {
      for (let i = nodes.length - 1; i >= 0; i -= 1) stack.push(nodes[i]);
    };
    while (stack.length) {
      const item = stack.pop();
      if (typeof item === 'function') {
        if (item() === false) return;
        continue;
      }
      const kind = kindOf(item);
      if (kind === 3 || kind === 4) {
        const parent = slotOfText(item) ?? parentOf(item);
        const holder = kindOf(parent) === 11 ? parent.host : parent;
        const style = styleOf(holder);
        if (style.visibility === 'visible') text(shownText(item, style), style, item);
      } else if (kind === 1) {
        const style = styleOf(item);
        if (isAbsent(item, style)) continue;
        const leave = enter(item, style);
        if (leave === false) continue;
        if (leave) stack.push(leave);
        const inner = documentIn(item);
        if (inner) {
          const box = boxOf(item);
          const content = bodyOf(inner) ?? rootOf(inner);
          if (box.width > 1 && box.height > 1 && content) {
            if (frame) stack.push(frame(inner));
            stack.push(content);
          }
        } else if (!CLOSED.has(nameOf(item))) push(drawnIn(item));
      }
    }
  };
  const HTML = 'http://www.w3.org/1999/xhtml';
  const FIELDS = 'input,textarea,select,iframe,frame,object';
  /** Whether the browser's own `innerText` would leave something out. */
  const needsWalk = (element) => {
    if (shadowOf(element)) return true;
    for (const inner of all(element, '*')) if (shadowOf(inner)) return true;
    return all(element, FIELDS).length > 0;
  };

  const hasNext = (element, display) => {
    for (let next = nextOf(element); next; next = nextOf(next))
      if (styleOf(next).display === display) return true;
    return false;
  };

  /** The text of an element as it is drawn; like `innerText`, with shadow trees, frames and form fields. */
  const textOf = (element, most = Number.POSITIVE_INFINITY) => {
    if (namespaceOf(element) === HTML && !needsWalk(element)) return innerTextOf(element).slice(0, most);
    let [out, breaks, space] = ['', 0, false];
    const write = (words) => {
      if (breaks) {
        if (out) out += '\n'.repeat(breaks);
        breaks = 0;
      } else if (space && out && !out.endsWith('\n')) out += ' ';
      space = false;
      out += words;
    };
    const line = (count) => {
      breaks = Math.max(breaks, count);
      space = false;
    };
    const collapsed = (words) => {
      const core = words.trim();
      if (words[0] === ' ') space = true;
      if (!core) return;
      write(core);
      space = words.endsWith(' ');
    };
    walk(element, {
      text: (words, style) => {
        if (style.whiteSpaceCollapse === 'collapse') collapsed(words);
        else if (words) write(words);
      },
      enter: (inner, style) => {
        if (out.length > most) return false;
        const name = nameOf(inner);
        if (name === 'br') {
          space = false;
          write('\n');
          return false;
        }
        const field = fieldText(inner);
        if (field !== null) {
          space = true;
          if (field && style.visibility === 'visible') write(field);
          space = true;
          return false;
        }
        if (style.display === 'table-cell')
          return () => {
            space = false;
            if (hasNext(inner, 'table-cell')) write('\t');
          };
        const around = name === 'p' ? 2 : isBlock(style) || style.display === 'table-row' ? 1 : 0;
        if (!around) return undefined;
        line(around);
        return () => line(around);
      },
      frame: () => {
        line(1);
        return () => line(1);
      },
    });
    return out.slice(0, most);
  };
  /** The text of a whole document. */
  const documentText = (doc, most) => {
    const root = rootOf(doc);
    if (!root) return '';
    const body = bodyOf(doc);
    if (body) return textOf(body, most);
    return namespaceOf(root) === 'http://www.w3.org/2000/svg'
      ? textOf(root, most)
      : textContentOf(root).slice(0, most);
  };

  return {
    ...{ adopt, adoptedIn, all, attribute, baseOf, bodyOf, boxOf, childrenOf, documentIn },
    ...{ documentOf, documentText, fieldText, focusedIn, fontsOf, inlineStyleOf, isBlock, isVisible },
    ...{ kindOf, nameOf, outerHtmlOf, rootOf, scrollerOf, shadowOf, styleOf, textOf, titleOf, treesOf },
    ...{ firstSeen, isAbsent, textContentOf, viewOf, walk },
  };
};
