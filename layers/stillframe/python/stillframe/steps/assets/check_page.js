// Collects the facts that the assertions of a request are checked against.
(_, dom) => {
  const trees = dom.treesOf(document, { frames: true });
  const all = (selectors) => trees.flatMap((tree) => dom.all(tree, selectors.join()));
  const text = dom.documentText(document);
  const shown = (el) => {
    const box = dom.boxOf(el);
    return box.width > 1 && box.height > 1 && dom.isVisible(el);
  };
  const PAINTED = ['img', 'svg', 'canvas', 'video', 'iframe', 'object', 'embed', 'input', 'button'];
  const BANNER = ['[id*=cookie i]', '[class*=cookie i]', '[id*=consent i]', '[class*=consent i]'];
  const CHALLENGE = ['iframe[src*=captcha i]', 'iframe[src*="challenges." i]', '.g-recaptcha', '.h-captcha'];
  const CHALLENGE_WORDS = [
    ...['just a moment', 'checking your browser', 'verify you are (a )?human', 'are you a robot'],
    ...['attention required', 'captcha'],
  ];
  const CHALLENGE_TEXT = new RegExp(CHALLENGE_WORDS.join('|'), 'i');
  const banner = all(BANNER).some((el) => shown(el) && /cookie|consent/i.test(dom.textOf(el)));
  const challenge =
    CHALLENGE_TEXT.test(`${dom.titleOf(document)} ${text.slice(0, 2000)}`) || all(CHALLENGE).length > 0;
  return { text, painted: all(PAINTED).some(shown), banner, challenge };
};
