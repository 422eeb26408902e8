// Shows the HTML that the playground sends, in a frame that runs no scripts and has no network.

// A policy does not stop these: they open connections without a request.
const HINTS = 'link[rel~="preconnect" i], link[rel~="dns-prefetch" i], meta[http-equiv="refresh" i]';

addEventListener('message', (event) => {
  if (event.source !== parent || typeof event.data !== 'string') return;
  const page = new DOMParser().parseFromString(event.data, 'text/html');
  for (const hint of page.querySelectorAll(HINTS)) hint.remove();
  const frame = document.createElement('iframe');
  frame.setAttribute('sandbox', '');
  frame.title = 'Captured HTML';
  frame.srcdoc = `<!doctype html>${page.documentElement.outerHTML}`;
  document.body.replaceChildren(frame);
});
parent.postMessage('ready', '*');
