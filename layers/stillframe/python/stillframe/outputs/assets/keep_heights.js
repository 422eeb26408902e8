// Keeps the lengths that depend on the height of the viewport, which printing replaces by that of the paper.
() => {
  const LENGTHS = [
    'height min-height max-height width min-width max-width top bottom left right',
    'margin-top margin-bottom margin-left margin-right padding-top padding-bottom padding-left padding-right',
    'row-gap column-gap flex-basis font-size line-height grid-template-rows grid-auto-rows transform translate',
  ]
    .join(' ')
    .split(' ');
  const root = document.documentElement;
  const elements = [...document.querySelectorAll('*')].filter((element) => element.computedStyleMap);
  // Computed values of elements, so that `auto` stays; pseudo-elements have used values only.
  const boxes = [];
  for (const element of elements) {
    boxes.push({ element, pseudo: '' });
    for (const pseudo of ['::before', '::after']) {
      if (getComputedStyle(element, pseudo).content !== 'none') boxes.push({ element, pseudo });
    }
  }
  const lengths = ({ element, pseudo }) => {
    const style = pseudo ? getComputedStyle(element, pseudo) : element.computedStyleMap();
    return LENGTHS.map((name) => (pseudo ? style.getPropertyValue(name) : String(style.get(name))));
  };
  const before = boxes.map(lengths);
  const ofRoot = getComputedStyle(root).height;
  return {
    // Called in a viewport of another height.
    apply() {
      const pins = [];
      boxes.forEach((box, index) => {
        lengths(box).forEach((value, at) => {
          if (value !== before[index][at]) pins.push([box, LENGTHS[at], before[index][at]]);
        });
      });
      for (const name of ['height', 'min-height']) {
        if (String(root.computedStyleMap().get(name)).endsWith('%'))
          pins.push([{ element: root, pseudo: '' }, name, ofRoot]);
      }
      const rules = [];
      for (const [{ element, pseudo }, name, value] of pins) {
        if (pseudo) {
          element.dataset.keptHeight ??= String(rules.length);
          rules.push(
            `[data-kept-height="${element.dataset.keptHeight}"]${pseudo} { ${name}: ${value} !important }`,
          );
        } else {
          element.style.setProperty(name, value, 'important');
        }
      }
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(rules.join('\n'));
      document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
    },
  };
};
