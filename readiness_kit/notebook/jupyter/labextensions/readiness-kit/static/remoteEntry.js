// JupyterLab's one-letter shortcuts (b, x, d d, m, arrows, Enter) also fire while a control in an output has the
// focus: an arrow key would move to the next cell instead of choosing an answer. This marks the control, for that
// one key, with the attribute by which JupyterLab leaves a key alone. Keys with Ctrl, Alt or Cmd, and Escape, stay
// JupyterLab's. Written in the form of a federated extension, by hand, so that nothing has to be built.
(() => {
  const CONTROLS = 'select, input, textarea, button, a[href], summary';
  const MARK = 'data-lm-suppress-shortcuts';

  function onKey(event) {
    const control = event.target instanceof Element ? event.target.closest(CONTROLS) : null;
    if (!control || !control.closest('.jp-OutputArea')) {
      return;
    }
    if (event.ctrlKey || event.altKey || event.metaKey || event.key === 'Escape') {
      control.removeAttribute(MARK);
    } else {
      control.setAttribute(MARK, 'true');
    }
  }

  const plugin = {
    id: 'readiness-kit:keys',
    description: 'Keys pressed in a control belong to the control.',
    autoStart: true,
    // On the window and while capturing: before JupyterLab, which listens on the document.
    activate: () => window.addEventListener('keydown', onKey, true)
  };

  window._JUPYTERLAB = window._JUPYTERLAB || {};
  window._JUPYTERLAB['readiness-kit'] = {
    init: () => undefined,
    get: () => Promise.resolve(() => ({ __esModule: true, default: plugin }))
  };
})();
