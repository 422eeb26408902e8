// The size and the margins that the page's own `@page` rules declare for all of its pages.
() => {
  const found = { size: '', top: '', right: '', bottom: '', left: '' };
  const read = (rules) => {
    for (const rule of rules) {
      if (rule instanceof CSSPageRule) {
        if (rule.selectorText) continue;
        found.size = rule.style.getPropertyValue('size') || found.size;
        for (const side of ['top', 'right', 'bottom', 'left'])
          found[side] = rule.style.getPropertyValue(`margin-${side}`) || found[side];
      } else if (rule instanceof CSSGroupingRule && !(rule instanceof CSSStyleRule)) {
        read(rule.cssRules);
      }
    }
  };
  for (const sheet of [...document.styleSheets, ...document.adoptedStyleSheets]) {
    try {
      read(sheet.cssRules);
    } catch {
      /* the rules of another origin's sheet cannot be read */
    }
  }
  return found;
};
