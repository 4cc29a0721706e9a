// @ts-check
// The plugin: what the panel, the commands and the notebooks do together in JupyterLab.

import { keepKeys } from './keys.js';
import { PanelView } from './panel.js';
import { runOnOpen, watchKernel } from './runner.js';

const POLL = 600; // ms between two looks at the folder while the page is visible
const BACK_OFF = 3000; // ms after the server did not answer
const JUMP = 'readiness:jump'; // window event of a card: a person wants to go to another question
const CHANGED = 'readiness:changed'; // window event of a card: an answer was stored
const CATEGORY = 'Readiness assessment';
const SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16" width="16"><path class="rkp-stroke" ' +
  'fill="none" stroke="#616161" stroke-width="1.4" stroke-linejoin="round" d="M8 1.8 13.6 5v6L8 14.2 2.4 11V5zM2.6 5.1 8 8.2l5.4-3.1M8 8.2v5.8"/></svg>';
const START = '00_start.ipynb';
const REPORT = '90_report.ipynb';

const frame = () => new Promise(done => requestAnimationFrame(done));
const until = async (ready, attempts = 300) => {
  for (let left = attempts; left > 0 && !ready(); left--) await new Promise(done => setTimeout(done, 100));
  return ready();
};

/** The plugin, from the modules that JupyterLab shares. */
export function plugin(modules) {
  const { ILayoutRestorer } = modules['@jupyterlab/application'];
  const { ICommandPalette } = modules['@jupyterlab/apputils'];
  const { ILauncher } = modules['@jupyterlab/launcher'];
  const { INotebookTracker, NotebookActions } = modules['@jupyterlab/notebook'];
  const { LabIcon } = modules['@jupyterlab/ui-components'];
  const { Widget } = modules['@lumino/widgets'];
  return {
    id: 'readiness-kit:plugin',
    description: 'A panel that shows where an assessment stands; runs the notebooks of the kit when they are opened.',
    autoStart: true,
    requires: [INotebookTracker],
    optional: [ICommandPalette, ILauncher, ILayoutRestorer],
    activate: (app, tracker, palette, launcher, restorer) => {
      keepKeys();
      if (typeof app.shell.collapseLeft !== 'function') return; // another application than JupyterLab
      const style = Object.assign(document.createElement('link'), { rel: 'stylesheet', href: new URL('panel.css', import.meta.url).href });
      document.head.append(style);
      const assessment = new Assessment(app, tracker, NotebookActions, Widget, new LabIcon({ name: 'readiness-kit:cluster', svgstr: SVG }));
      assessment.addCommands(palette, launcher);
      restorer?.add(assessment.widget, 'readiness-kit');
      assessment.follow();
    }
  };
}

class Assessment {
  constructor(app, tracker, actions, Widget, icon) {
    Object.assign(this, { app, tracker, actions, Widget, icon, state: null, mark: '', path: '', layout: null, timer: 0 });
    this.view = new PanelView({
      jump: address => this.jump(address),
      next: () => this.next(),
      present: () => this.present(),
      report: () => this.report(),
      open: name => this.open(name)
    });
    this.widget = new Widget({ node: this.view.node });
    this.widget.id = 'readiness-kit';
    this.widget.title.icon = icon;
    this.widget.title.caption = 'Readiness assessment';
    app.shell.add(this.widget, 'left', { rank: 150 });
    tracker.widgetAdded.connect((_, panel) => void this.opened(panel));
    tracker.currentChanged.connect(() => this.look());
    window.addEventListener(CHANGED, () => this.look());
    window.addEventListener(JUMP, event => {
      if (!this.state?.notebooks) return;
      event.preventDefault();
      void this.jump(event.detail.address, event.detail.question);
    });
    document.addEventListener('focusin', event => {
      const card = event.target instanceof Element ? event.target.closest('[data-rk-card]') : null;
      if (card) this.view.setCurrent(card.dataset.rkCard);
    });
    document.addEventListener('visibilitychange', () => document.hidden || this.look());
  }

  // --- following the folder ---

  /** The path by which the server finds the assessment: that of the notebook in front, or the root. */
  get where() {
    const panel = this.tracker.currentWidget;
    if (panel) this.path = panel.context.path;
    this.view.setNotebook(this.path.split('/').pop());
    return this.path;
  }

  async follow() {
    await this.look();
    for (;;) {
      await new Promise(done => setTimeout(done, this.silent ? BACK_OFF : POLL));
      if (!document.hidden) await this.look();
    }
  }

  /** Asks for the state; the server answers 304 as long as nothing changed. */
  async look() {
    const { baseUrl, token } = this.app.serviceManager.serverSettings;
    const where = this.where;
    const url = `${baseUrl}readiness-kit/state?no_track_activity=1&path=${encodeURIComponent(where)}`;
    const headers = { ...(token ? { Authorization: `token ${token}` } : {}), 'If-None-Match': this.mark || '""' };
    try {
      const answer = await fetch(url, { headers, cache: 'no-store', credentials: 'same-origin' });
      this.silent = !answer.ok && answer.status !== 304;
      if (answer.ok) {
        this.state = await answer.json();
        this.mark = answer.headers.get('Etag') ?? '';
        this.view.setState(this.state);
      } else if (answer.status === 404) {
        this.view.setState({ assessment: false, absent: true });
      }
      this.view.setSilent(this.silent && answer.status !== 404);
    } catch {
      this.silent = true;
      this.view.setSilent(true);
    }
  }

  // --- notebooks ---

  /** A notebook was opened: those of the kit are run, and watched for the loss of their kernel. */
  async opened(panel) {
    await panel.context.ready;
    await panel.revealed;
    if (!await until(() => this.state)) return;
    await this.look();
    const folder = panel.context.path.split('/').slice(0, -1).join('/');
    const known = this.state.assessment && this.state.run_on_open && folder === this.state.notebooks;
    if (!known) {
      panel.node.dataset.rkRun = 'skipped';
      return;
    }
    watchKernel(panel, this.actions, this.Widget);
    await runOnOpen(panel, this.actions);
  }

  async open(name) {
    const path = this.state?.notebooks ? `${this.state.notebooks}/${name}` : name;
    const panel = await this.app.commands.execute('docmanager:open', { path });
    await panel.context.ready;
    await panel.revealed;
    await until(() => ['done', 'skipped'].includes(panel.node.dataset.rkRun));
    return panel;
  }

  /** Shows a question: opens its notebook, waits until it has run, and gives the focus to its card. */
  async jump(address, question = '') {
    const [name, cellId] = address.split('#cell-id=');
    const panel = await this.open(name);
    const notebook = panel.content;
    const index = notebook.widgets.findIndex(cell => cell.model.id === cellId);
    if (index < 0) return;
    notebook.activeCellIndex = index;
    await notebook.scrollToItem(index, 'start');
    await frame();
    await frame();
    const cell = notebook.widgets[index].node;
    cell.scrollIntoView({ block: 'start' });
    const card = question ? cell.querySelector(`[data-rk-card="${question}"]`) : cell.querySelector('[data-rk-card]');
    (card ?? cell).scrollIntoView({ block: 'start' });
    await until(() => !card || card.classList.contains('rk-live'), 50);
    const control = card?.querySelector('input[type=radio]:checked') ?? card?.querySelector('input[type=radio]');
    control?.focus({ preventScroll: true });
    if (question) this.view.setCurrent(question);
  }

  next() {
    const found = this.questions.find(question => question.id === this.state.next);
    if (found) void this.jump(found.address, found.id);
    else void this.open(REPORT);
  }

  get questions() {
    return (this.state?.sections ?? []).flatMap(section => section.questions);
  }

  async report() {
    const panel = await this.open(REPORT);
    const index = panel.content.widgets.findIndex(cell => cell.model.id === 'report-write');
    if (index < 0) return;
    await panel.content.scrollToItem(index, 'start');
    await until(() => panel.content.widgets[index].node.querySelector('button.mod-primary'), 50);
    const button = panel.content.widgets[index].node.querySelector('button.mod-primary');
    button?.scrollIntoView({ block: 'center' });
    button?.click();
  }

  // --- presenter mode ---

  /** Sidebars and code away, larger type, one document; and back as it was. */
  present() {
    const { shell } = this.app;
    if (this.layout) {
      shell.mode = this.layout.mode;
      if (this.layout.left) shell.expandLeft();
      if (this.layout.right) shell.expandRight();
      this.layout = null;
    } else {
      this.layout = { mode: shell.mode, left: !shell.leftCollapsed, right: !shell.rightCollapsed };
      shell.mode = 'single-document';
      shell.collapseLeft();
      shell.collapseRight();
    }
    document.body.classList.toggle('rkp-present', this.layout !== null);
    this.view.setPresenting(this.layout !== null);
    window.dispatchEvent(new Event('resize'));
  }

  // --- commands ---

  addCommands(palette, launcher) {
    const { commands, shell } = this.app;
    const known = [
      ['show', 'Show the assessment panel', () => shell.activateById(this.widget.id)],
      ['start', 'Open the start page', () => this.open(START), 'Readiness assessment'],
      ['next', 'Next open question', () => this.next(), '', 'F8'],
      ['present', 'Presenter mode', () => this.present(), '', 'Shift F8'],
      ['code', 'Show or hide the code of the kit', () => this.tracker.currentWidget?.node.classList.toggle('rkp-nocode')],
      ['report', 'Write the report', () => this.report()]
    ];
    for (const [name, label, execute, tile, keys] of known) {
      const command = `readiness-kit:${name}`;
      commands.addCommand(command, {
        label: args => (args.isPalette || !tile ? label : tile),
        caption: label,
        icon: args => (args.isPalette ? undefined : this.icon),
        execute: () => void execute(),
        isToggled: name === 'present' ? () => this.layout !== null : undefined
      });
      palette?.addItem({ command, category: CATEGORY, args: { isPalette: true } });
      if (keys) commands.addKeyBinding({ command, keys: [keys], selector: 'body' });
    }
    launcher?.add({ command: 'readiness-kit:start', category: 'Other', rank: 0 });
  }
}
