// @ts-check
// Runs the notebooks of the kit when they are opened, so that their cards can be used at once. Nothing but one-line calls
// from the list below is run: with literal arguments, and of methods that read no cluster and write nothing.

const LITERAL = String.raw`(?:"[^"\\\n]*"|\d+|True|False|None)`;
const ARGUMENTS = String.raw`\((?:${LITERAL}(?:, ${LITERAL})*)?\)`;
const METHODS = ['about', 'agenda', 'ask', 'advice', 'extended', 'next', 'parked', 'plan', 'plan_form', 'progress',
  'summary', 'what_if', 'workshop', 'write_report'];
const CALL = new RegExp(
  String.raw`^kit\.(?:connect\(\)|welcome\(\)|(?:${METHODS.join('|')})${ARGUMENTS}|(?:show|chart|report)\.[a-z_]+\(\))$`
);
const PARAMETERS = /^folder = None(?:  #[^\n]*)?$/;
const OPEN = /^from readiness_kit import open_assessment\n+kit = open_assessment\(folder\)$/;

/** Whether a cell may be run on open. */
export const isAllowed = source => [CALL, PARAMETERS, OPEN].some(form => form.test(source.trim()));

/** Whether a notebook is one of the kit: its first calls open an assessment. */
const opensAssessment = cells => {
  const sources = cells.map(cell => cell.model.sharedModel.getSource().trim());
  return sources.some(source => PARAMETERS.test(source)) && sources.some(source => OPEN.test(source));
};

/** Runs the allowed cells in order; neither scrolls nor selects. `state` is on the panel's node, for the style and tests. */
export async function runOnOpen(panel, actions) {
  const { content: notebook, context: { sessionContext } } = panel;
  const cells = notebook.widgets.filter(cell => cell.model.type === 'code');
  if (!opensAssessment(cells)) {
    panel.node.dataset.rkRun = 'skipped';
    return;
  }
  panel.node.dataset.rkRun = 'running';
  panel.addClass('rkp-nocode');
  for (const cell of cells) cell.toggleClass('rkp-call', isAllowed(cell.model.sharedModel.getSource()));
  await sessionContext.ready;
  const allowed = cells.filter(cell => isAllowed(cell.model.sharedModel.getSource()));
  await actions.runCells(notebook, allowed, sessionContext);
  panel.node.dataset.rkRun = 'done';
}

/** Shows a bar while the kernel of a notebook is gone, with a button that runs the notebook again. */
export function watchKernel(panel, actions, Widget) {
  const { sessionContext } = panel.context;
  const bar = new Widget();
  bar.addClass('rkp-gone');
  bar.node.setAttribute('role', 'alert');
  bar.node.append('The kernel of this notebook has stopped: answers cannot be saved. What you entered stays on screen. ');
  const again = Object.assign(document.createElement('button'), { className: 'rkp-btn', textContent: 'Run again' });
  bar.node.append(again);
  bar.hide();
  panel.contentHeader.addWidget(bar);
  again.addEventListener('click', async () => {
    if (!sessionContext.session?.kernel) await sessionContext.startKernel();
    bar.hide();
    await runOnOpen(panel, actions);
  });
  sessionContext.statusChanged.connect((_, status) => {
    if (['restarting', 'autorestarting', 'dead', 'terminating'].includes(status)) bar.show();
  });
  sessionContext.kernelChanged.connect((_, change) => {
    if (change.oldValue && !change.newValue) bar.show();
  });
  actions.executed?.connect((_, done) => {
    if (done.notebook === panel.content && done.success) bar.hide();
  });
}
