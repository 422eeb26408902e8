// Ends a view transition that runs; its new state is drawn when this returns.
async () => {
  const transition = document.activeViewTransition;
  if (!transition) return true;
  transition.ready.catch(() => {});
  transition.skipTransition();
  await transition.updateCallbackDone.catch(() => {});
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  return true;
};
