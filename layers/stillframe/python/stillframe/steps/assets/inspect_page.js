// Sees what may be wrong with the picture of this page: images, fonts, glyphs, animations, banners and walls.
//
// The work is bounded by numbers of elements, because the page's clock may stand still.
({ pictures, managers, most }, dom) => {
  const MOST_NODES = 4000;
  const MOST_CHARACTERS = 3000;
  const MOST_GLYPHS = 60;
  const own = (owner, name) => {
    const found = owner.prototype[name];
    return (object, ...given) => found.apply(object, given);
  };
  const matches = own(Element, 'matches');
  const parent = Object.getOwnPropertyDescriptor(Node.prototype, 'parentNode').get;
  const contentOf = Object.getOwnPropertyDescriptor(Node.prototype, 'textContent').get;
  const parentOf = (element) => {
    const up = parent.call(element);
    return up && dom.kindOf(up) === 11 ? up.host : up && dom.kindOf(up) === 1 ? up : null;
  };
  const view = { width: innerWidth, height: innerHeight };
  const trees = dom.treesOf(document, { frames: true });
  const inAll = (selector) => trees.flatMap((tree) => dom.all(tree, selector));

  // The parts of the page that the pictures show, in the coordinates of the window.
  const whole = { left: -1e9, top: -1e9, right: 1e9, bottom: 1e9 };
  const area = ({ full, clip, selector }) => {
    if (full) return whole;
    if (clip) {
      const [left, top] = [clip.x - scrollX, clip.y - scrollY];
      return { left, top, right: left + clip.width, bottom: top + clip.height };
    }
    let found = null;
    try {
      found = selector ? dom.firstSeen(selector, { hidden: true }) : null;
    } catch {
      // a selector of another kind than CSS
    }
    return found ? dom.boxOf(found) : { left: 0, top: 0, right: view.width, bottom: view.height };
  };
  const areas = pictures.map(area);
  const isInPicture = (box) =>
    areas.some(
      (part) =>
        box.left < part.right && box.right >= part.left && box.top < part.bottom && box.bottom >= part.top,
    );
  const hasBox = own(Element, 'checkVisibility');
  const visible = { visibilityProperty: true, opacityProperty: true };

  // -- images ------------------------------------------------------------------------------------------------
  const property = (owner, name) => {
    const { get } = Object.getOwnPropertyDescriptor(owner.prototype, name);
    return (element) => get.call(element);
  };
  const isComplete = property(HTMLImageElement, 'complete');
  const widthOf = property(HTMLImageElement, 'naturalWidth');
  const sourceOf = property(HTMLImageElement, 'currentSrc');
  const LATER = ['data-src', 'data-lazy-src', 'data-original', 'data-srcset'];
  const canvas = () => own(Document, 'createElement')(document, 'canvas').getContext('2d');
  // A drawing without a size of its own has a natural width of 0 and is not broken.
  const cannotBeDrawn = (image) => {
    try {
      canvas().drawImage(image, 0, 0);
      return false;
    } catch {
      return true;
    }
  };
  const stateOf = (image) => {
    const source = sourceOf(image) || dom.attribute(image, 'src') || '';
    const later = LATER.map((name) => dom.attribute(image, name)).find(Boolean);
    if (later && (!source || source.startsWith('data:'))) return ['lazy', later];
    if (!source && !dom.attribute(image, 'srcset')) return null;
    if (!isComplete(image)) return [dom.attribute(image, 'loading') === 'lazy' ? 'lazy' : 'loading', source];
    return widthOf(image) === 0 && cannotBeDrawn(image) ? ['broken', source] : null;
  };
  const images = [];
  for (const image of inAll('img').slice(0, MOST_NODES)) {
    const found = stateOf(image);
    if (!found || images.length >= most) continue;
    const box = dom.boxOf(image);
    // A pixel that counts visits is nothing that a picture lacks.
    const counts = [box.width, box.height].every((side) => side > 0 && side <= 2);
    if (counts || !hasBox(image, visible) || !isInPicture(box)) continue;
    images.push({ state: found[0], url: String(found[1]).slice(0, 2000) });
  }

  // -- web fonts ---------------------------------------------------------------------------------------------
  const fonts = [];
  for (const face of dom.fontsOf(document))
    if ((face.status === 'error' || face.status === 'loading') && fonts.length < most)
      fonts.push({ family: face.family, weight: face.weight, style: face.style, state: face.status });

  // -- text and glyphs ---------------------------------------------------------------------------------------
  const SILENT = new Set(['script', 'style', 'noscript', 'template', 'title', 'textarea', 'option']);
  const walk = (tree) => {
    const start = dom.kindOf(tree) === 9 ? dom.bodyOf(tree) || dom.rootOf(tree) : tree;
    const owner = dom.kindOf(tree) === 9 ? tree : dom.documentOf(tree);
    return start && own(Document, 'createTreeWalker')(owner, start, NodeFilter.SHOW_TEXT);
  };
  const visit = (see) => {
    let nodes = 0;
    for (const tree of trees) {
      const walker = walk(tree);
      while (walker?.nextNode()) {
        nodes += 1;
        const holder = parentOf(walker.currentNode);
        if (holder && !SILENT.has(dom.nameOf(holder)) && see(walker.currentNode.data, holder) === false)
          return;
        if (nodes > MOST_NODES) return;
      }
    }
  };
  let text = '';
  visit((words, holder) => {
    const found = words.trim();
    if (found && hasBox(holder, visible)) text += ` ${found.replace(/\s+/g, ' ')}`;
    return text.length < MOST_CHARACTERS;
  });

  // Every font that a page may fall back on has Latin, Greek and Cyrillic letters and punctuation.
  const RARE = /[^\s -\u0377\u037a-\u052f\u1e00-\u1fff\u2000-\u206f\u20a0-\u20bf\ufffd]/u;
  const glyphs = new Map();
  const measured = new Map();
  const shape = (context, character) => {
    const found = context.measureText(character);
    return [
      ...[found.width, found.actualBoundingBoxLeft, found.actualBoundingBoxRight],
      ...[found.actualBoundingBoxAscent, found.actualBoundingBoxDescent],
    ].join();
  };
  // Characters that are drawn as nothing, or as the box that a missing one is drawn as. A set of Unicode
  // properties takes a millisecond to make, so that is left to the first character that seems to be missing.
  let untold = null;
  const isUntold = (character) => {
    untold ??= new RegExp(
      `[${['\\p{M}\\p{Cf}\\p{Z}\\p{Cc}', '\u25a1\u25af\u2610\u2800\u3164\uffa0'].join('')}]`,
      'u',
    );
    return untold.test(character);
  };
  const isOfLargeScript = (code) => (code >= 0x3400 && code < 0xa000) || (code >= 0xac00 && code < 0xd7b0);
  const lookAtGlyphs = () => {
    const context = canvas();
    const blocks = new Map();
    let left = MOST_GLYPHS;
    visit((words, holder) => {
      if (!RARE.test(words) || !hasBox(holder, visible) || !isInPicture(dom.boxOf(holder))) return left > 0;
      const style = dom.styleOf(holder);
      const font = `${style.fontStyle} ${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
      for (const character of words) {
        if (!RARE.test(character)) continue;
        const key = `${font} ${character}`;
        // Fonts have most of a script or nothing of it: three characters of each 128 tell, of each 4,096 of the
        // large scripts of Asia.
        const code = character.codePointAt(0);
        const block = `${font} ${code >> (isOfLargeScript(code) ? 12 : 7)}`;
        const seen = blocks.get(block) ?? 0;
        if (measured.has(key) || seen >= 3 || left <= 0) continue;
        blocks.set(block, seen + 1);
        left -= 1;
        context.font = font;
        const missing = measured.get(font) ?? shape(context, '\u{10FFFF}');
        measured.set(font, missing);
        const lacks = shape(context, character) === missing && !isUntold(character);
        measured.set(key, lacks);
        if (lacks && !glyphs.has(character)) glyphs.set(character, style.fontFamily.slice(0, 100));
      }
      return left > 0;
    });
  };
  const bare = (tree) => contentOf.call(dom.kindOf(tree) === 9 ? (dom.rootOf(tree) ?? tree) : tree) ?? '';
  if (trees.some((tree) => RARE.test(bare(tree)))) lookAtGlyphs();

  // -- animations --------------------------------------------------------------------------------------------
  // Settling leaves animations paused where their time stands.
  const paused = globalThis[Symbol.for('stillframe.moving')] ?? [];
  const running = own(
    Document,
    'getAnimations',
  )(document).filter(
    (animation) => animation.playState === 'running' && animation.timeline === document.timeline,
  );
  const moving = { ending: 0, endless: 0 };
  for (const animation of new Set([...paused, ...running])) {
    const { effect } = animation;
    const target = effect?.target;
    if (!target || animation.playState === 'finished' || animation.playState === 'idle') continue;
    if (!hasBox(target, visible) || !isInPicture(dom.boxOf(target))) continue;
    moving[Number.isFinite(Number(effect.getComputedTiming().endTime)) ? 'ending' : 'endless'] += 1;
  }

  // -- what lies over the page -------------------------------------------------------------------------------
  const hitIn = (tree, x, y) =>
    own(dom.kindOf(tree) === 9 ? Document : ShadowRoot, 'elementFromPoint')(tree, x, y);
  const hit = (x, y) => {
    let found = hitIn(document, x, y);
    for (let depth = 0; found && depth < 20; depth += 1) {
      const shadow = dom.shadowOf(found);
      const inner = shadow && hitIn(shadow, x, y);
      if (!inner || inner === found) break;
      found = inner;
    }
    return found;
  };
  const floats = (element, style) =>
    style.position === 'fixed' ||
    style.position === 'sticky' ||
    (style.position === 'absolute' && Number(style.zIndex) >= 100) ||
    matches(element, 'dialog[open], [role=dialog], [role=alertdialog], [aria-modal=true], :popover-open');
  // An application may live in one fixed element; that is the page, whatever lies in it.
  const isPage = (element) =>
    matches(element, 'html, body, main') || dom.all(element, 'main, article').length > 0;
  // A bar at the head of the page, in its flow.
  const isBar = (element) => {
    const box = dom.boxOf(element);
    return box.top <= 24 && box.width >= view.width * 0.9 && box.height <= view.height * 0.5;
  };
  const layers = new Set();
  const known = managers.join();
  let manager = false;
  const POINTS = [0.03, 0.5, 0.97].flatMap((x) => [0.03, 0.5, 0.97].map((y) => [x, y]));
  for (const [x, y] of [...POINTS, [0.5, 0.25], [0.5, 0.8]]) {
    let layer = null;
    for (let up = hit(x * view.width, y * view.height); up && !isPage(up); up = parentOf(up)) {
      manager ||= matches(up, known);
      if (floats(up, dom.styleOf(up)) || isBar(up)) layer = up;
    }
    if (layer) layers.add(layer);
  }
  const wordsOf = (element) => {
    let words = '';
    const read = (node) => {
      for (const child of dom.childrenOf(node)) {
        const kind = dom.kindOf(child);
        if (kind === 3) words += ` ${child.data}`;
        else if (kind === 1 && !SILENT.has(dom.nameOf(child))) {
          const shadow = dom.shadowOf(child);
          if (shadow) read(shadow);
          read(child);
        }
        if (words.length > MOST_CHARACTERS) return;
      }
    };
    const shadow = dom.shadowOf(element);
    if (shadow) read(shadow);
    read(element);
    return words.replace(/\s+/g, ' ');
  };
  const treesIn = (element) => {
    const inner = [element];
    for (const tree of trees) {
      if (dom.kindOf(tree) !== 11) continue;
      for (let up = tree.host; up; up = parentOf(up))
        if (up === element) {
          inner.push(tree);
          break;
        }
    }
    return inner;
  };
  const allIn = (element, selector) => treesIn(element).flatMap((tree) => dom.all(tree, selector));
  const label = (element) =>
    (
      wordsOf(element) ||
      dom.attribute(element, 'value') ||
      dom.attribute(element, 'aria-label') ||
      ''
    ).trim();
  const CONSENT =
    /\b(gdpr|ccpa|personal data|(your|my) (privacy|consent)|consent (to|choices|preferences)|we value your privacy|datenschutzeinstellungen|einwilligung|rgpd|confidentialit|privacidad|consentimiento|informasjonskapsl|evästeet)/i;
  const COOKIES = /\bcookies?\b|クッキー/i;
  const PURPOSE =
    /\b(uses? cookies|(store|set|setting|accept|allow|reject|decline|refuse|necessary|essential|optional|tracking|analytics|third[- ]party|all|our use of|usage of|verwende\w*|setzen|nutzen|utilis\w+|usamos|utiliza\w*|gebruik\w*|anvend\w*|använd\w*|stosuje\w*|používá\w*)\b.{0,60}cookies?|cookies?\b.{0,80}(experience|traffic|analy|consent|policy|personali[sz]|necessary|essential|preferences|settings|website|browser|partner|advert|einstellungen|zustimm|préférences))/i;
  const ANSWERS =
    /^(i |we |yes,? |no,? )?(accept|agree|allow|got it|ok(ay)?\b|understand|reject|decline|refuse|deny|disagree|only (necessary|essential)|(use )?necessary|akzept|zustimmen|alle akzept|ablehnen|alle ablehnen|einverstanden|accepter|tout (accepter|refuser)|refuser|j'accepte|aceptar|rechazar|accetta|rifiuta|accepteren|weiger|alles |godkänn|avvisa|acceptera|aceitar|recusar|akceptuj|odrzuć|přijmout|odmítnout)/i;
  const CONSENT_FRAME = /consent|cookie|gdpr|\bcmp\b|sp_message|trustarc|truste\b|onetrust|quantcast|didomi/i;
  const BUTTONS = 'button, a, [role=button], input[type=button], input[type=submit]';
  const isConsentFrame = (frame) => {
    const names = ['src', 'title', 'name', 'id'].map((name) => dom.attribute(frame, name) ?? '');
    return CONSENT_FRAME.test(names.join(' ')) && hasBox(frame, visible);
  };
  const isBanner = (layer) => {
    if (
      dom.nameOf(layer) === 'iframe' ? isConsentFrame(layer) : dom.all(layer, 'iframe').some(isConsentFrame)
    )
      return true;
    const words = wordsOf(layer);
    if (words.length > 2500 || !(CONSENT.test(words) || (COOKIES.test(words) && PURPOSE.test(words))))
      return false;
    return allIn(layer, BUTTONS).some((button) => hasBox(button, visible) && ANSWERS.test(label(button)));
  };
  const banner = manager || [...layers].some(isBanner);

  // -- challenges and log-in forms ---------------------------------------------------------------------------
  const shown = (element) => {
    const box = dom.boxOf(element);
    return box.width > 1 && box.height > 1 && hasBox(element, visible);
  };
  const passwords = inAll('input[type=password]').filter(shown);
  const fields = inAll(
    'input:not([type=hidden], [type=submit], [type=button], [type=checkbox]), textarea, select',
  );
  const CAPTCHA =
    'iframe[src*="captcha" i], iframe[src*="challenges." i], .g-recaptcha, .h-captcha, .cf-turnstile, #px-captcha';
  const holds = (layer) => passwords.some((field) => layer.contains(field));
  const middle = hit(view.width / 2, view.height / 2);
  return {
    ...{ images, fonts, moving, banner, text },
    glyphs: [...glyphs].slice(0, most).map(([character, family]) => ({ character, family })),
    missing: glyphs.size,
    title: dom.titleOf(document).slice(0, 300),
    captcha: inAll(CAPTCHA).some(shown),
    fields: fields.filter(shown).length,
    password: passwords.length > 0,
    passwordOver: [...layers].some(
      (layer) => middle && layer.contains(middle) && holds(layer) && !isBar(layer),
    ),
  };
};
