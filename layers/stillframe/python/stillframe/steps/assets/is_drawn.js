// False while the document waits for a script or stylesheet: it is not parsed, or no frame is drawn.
() => {
  if (document.readyState === 'loading') return false;
  return new Promise((done) => {
    requestAnimationFrame(() => done(true));
    setTimeout(done, 500, false);
  });
};
