// The length of the page's HTML in characters, so that a page over the limit is not transferred.
() => (document.documentElement ? document.documentElement.outerHTML.length : 0);
