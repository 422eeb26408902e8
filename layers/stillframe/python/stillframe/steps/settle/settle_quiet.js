// True once the document has not changed for `quiet` milliseconds, false when time ran out first.
({ quiet, milliseconds }) =>
  new Promise((done) => {
    let calm;
    const end = (value) => {
      observer.disconnect();
      clearTimeout(calm);
      clearTimeout(late);
      done(value);
    };
    const again = () => {
      clearTimeout(calm);
      calm = setTimeout(end, quiet, true);
    };
    const observer = new MutationObserver(again);
    const late = setTimeout(end, milliseconds, false);
    observer.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
    again();
  });
