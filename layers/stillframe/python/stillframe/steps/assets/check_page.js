// Collects the facts that the assertions of a request are checked against.
() => {
  const body = document.body;
  const text = body ? body.innerText : '';
  const shown = (el) => {
    const box = el.getBoundingClientRect();
    return box.width > 1 && box.height > 1 && getComputedStyle(el).visibility !== 'hidden';
  };
  const all = (root, selectors) => [...root.querySelectorAll(selectors.join())];
  const PAINTED = ['img', 'svg', 'canvas', 'video', 'iframe', 'object', 'input', 'button'];
  const BANNER = ['[id*=cookie i]', '[class*=cookie i]', '[id*=consent i]', '[class*=consent i]'];
  const CHALLENGE = ['iframe[src*=captcha i]', 'iframe[src*="challenges." i]', '.g-recaptcha', '.h-captcha'];
  const CHALLENGE_WORDS = [
    ...['just a moment', 'checking your browser', 'verify you are (a )?human', 'are you a robot'],
    ...['attention required', 'captcha'],
  ];
  const CHALLENGE_TEXT = new RegExp(CHALLENGE_WORDS.join('|'), 'i');
  const painted = body ? all(body, PAINTED).some(shown) : false;
  const banner = all(document, BANNER).some((el) => shown(el) && /cookie|consent/i.test(el.innerText || ''));
  const challenge =
    CHALLENGE_TEXT.test(`${document.title} ${text.slice(0, 2000)}`) || all(document, CHALLENGE).length > 0;
  return { text, painted, banner, challenge };
};
