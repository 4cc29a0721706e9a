// @ts-check
// The side panel as a view: it draws the state that the server sent and reports what a person chose. No text from the
// server becomes HTML.

const ICONS = {
  contradicted: 'M8 1.9 14.6 13.6H1.4zM8 6.2v3.4M8 11.6v.05',
  gap: 'M8 1.6a6.4 6.4 0 1 0 .01 0zM5.8 5.8l4.4 4.4m0-4.4-4.4 4.4',
  partly: 'M8 1.6a6.4 6.4 0 1 0 .01 0zM8 1.6v12.8M10 2.2v11.6M12 3v10',
  accepted: 'M3.5 14.4V2.2m0 .6c3-1.6 5.6 1.4 9 0v6.4c-3.4 1.4-6-1.6-9 0',
  attested: 'M2.4 13.6 3 10.8 10.9 2.9a1.3 1.3 0 0 1 1.9 0l.3.3a1.3 1.3 0 0 1 0 1.9L5.2 13z',
  verified: 'M8 1.6a6.4 6.4 0 1 0 .01 0zM5.2 8.2l2 2 3.7-4.3',
  open: 'M8 1.6a6.4 6.4 0 1 0 .01 0z',
  not_applicable: 'M8 1.6a6.4 6.4 0 1 0 .01 0zM5 8h6',
  check: 'm2.8 8.6 3.4 3.4 7-8',
  park: 'M4 2.2h8v11.6l-4-3-4 3z',
  right: 'M2.5 8h11m-4.2-4.2L13.5 8l-4.2 4.2',
  screen: 'M1.8 2.6h12.4V11H1.8zM5.6 13.8h4.8M8 11v2.8',
  doc: 'M3.4 1.8h6l3.2 3.2v9.2H3.4zM5.8 7.6h4.4m-4.4 2.8h4.4'
};
const SVG = 'http://www.w3.org/2000/svg';
const FILTERS = {
  open: ['Open', question => question.applicable && !question.answered],
  parked: ['Parked', question => question.parked],
  contradicted: ['Contradicted', question => question.state === 'contradicted']
};
const OWNER = 'readiness-kit:owner'; // local storage: the owner whose questions are shown

/** An element with properties, attributes (names with a hyphen) and children. */
function make(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.includes('-') || name === 'role') node.setAttribute(name, value);
    else node[name] = value;
  }
  node.append(...children.filter(child => child !== null));
  return node;
}

function icon(name) {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', '0 0 16 16');
  svg.setAttribute('aria-hidden', 'true');
  svg.setAttribute('class', `rkp-i rkp-i-${name}`);
  const path = svg.appendChild(document.createElementNS(SVG, 'path'));
  path.setAttribute('d', ICONS[name] ?? ICONS.open);
  return svg;
}

export class PanelView {
  /** `actions`: jump(address, question), next(), present(), report(), open(notebook). */
  constructor(actions) {
    this.actions = actions;
    this.node = make('div', { className: 'rkp', role: 'region', 'aria-label': 'Readiness assessment' });
    Object.assign(this, { state: null, silent: false, current: '', notebook: '', filter: '', presenting: false, folded: new Map() });
    this.owner = localStorage.getItem(OWNER) ?? '';
    this.node.addEventListener('keydown', event => this.key(event));
    setInterval(() => this.tick(), 10000);
    this.draw();
  }

  setState(state) { this.state = state; this.draw(); }
  setNotebook(name) {
    if (name !== this.notebook) { this.notebook = name; this.draw(); }
  }
  setPresenting(on) { this.presenting = on; this.draw(); }
  setSilent(silent) {
    if (silent !== this.silent) { this.silent = silent; this.draw(); }
  }
  setCurrent(id) {
    if (id === this.current) return;
    this.current = id;
    for (const link of this.node.querySelectorAll('.rkp-q')) {
      if (link.dataset.key === id) link.setAttribute('aria-current', 'true');
      else link.removeAttribute('aria-current');
    }
    this.node.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest' });
  }

  /** Draws everything again; focus and position in the list stay. */
  draw() {
    const focused = this.node.contains(document.activeElement) ? document.activeElement?.dataset.key : '';
    const top = this.node.querySelector('.rkp-list')?.scrollTop ?? 0;
    this.node.replaceChildren(...(this.state?.assessment && !this.state.problem ? this.assessment() : this.nothing()));
    const list = this.node.querySelector('.rkp-list');
    if (list) list.scrollTop = top;
    if (focused) this.node.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
  }

  nothing() {
    const { state } = this;
    const text = this.silent ? 'The Jupyter server does not answer.'
      : state === null ? 'Reading the assessment …'
      : state.problem ? state.problem
      : state.absent ? 'The server extension of the kit is not enabled here. The notebooks work without this panel: choose Run ▸ Run All Cells.'
      : 'Open a notebook in an assessment folder. The score, the questions and the time left appear here.';
    return [make('div', { className: 'rkp-head' }, make('h2', { textContent: state?.problem ? 'Not readable' : 'No assessment yet' }), make('p', { textContent: text }))];
  }

  assessment() {
    return [this.head(), this.list(), this.foot()];
  }

  // --- head ---

  head() {
    const { state } = this;
    const pill = make('span', { className: `rkp-pill rkp-s-${state.level.state}` }, icon(state.level.state), state.level.word);
    const head = make('div', { className: 'rkp-head' },
      make('div', { className: 'rkp-who' }, make('h2', { textContent: state.customer }), pill),
      make('p', { textContent: state.cluster }),
      this.score(), this.figures(), this.chips());
    if (this.silent) head.append(make('p', { className: 'rkp-warn', textContent: 'The Jupyter server does not answer. This is the last state that was read.' }));
    if (!state.run_on_open) head.append(make('p', { className: 'rkp-warn', textContent: 'There are Python files next to the notebooks, so these are not run when they are opened. Choose Run ▸ Run All Cells.' }));
    return head;
  }

  score() {
    const { score } = this.state;
    if (!score) return make('p', {}, make('b', { textContent: 'No score yet' }), ' after the first answers');
    const range = make('div', { className: 'rkp-range', role: 'img', 'aria-label': `Score: ${score.proven} proven, up to ${score.possible} possible` },
      make('i', { className: 'rkp-possible', style: `width:${Number(score.possible_width)}%` }),
      make('i', { className: 'rkp-proven', style: `width:${Number(score.proven_width)}%` }));
    const line = make('p', { className: 'rkp-line' },
      make('span', {}, make('b', { textContent: score.proven }), ' proven'),
      make('span', {}, 'possible up to ', make('b', { textContent: score.possible })));
    return make('div', { className: 'rkp-score' }, line, range);
  }

  figures() {
    const { answered, applicable } = this.state;
    const parked = this.questions.filter(FILTERS.parked[1]).length;
    const [figure, text] = this.timeLeft();
    return make('div', { className: 'rkp-two' },
      make('div', {}, make('b', { textContent: `${answered} of ${applicable}` }), parked ? `answered, ${parked} parked` : 'answered'),
      make('div', { className: 'rkp-time' }, make('b', { textContent: figure }), text));
  }

  timeLeft() {
    const { workshop } = this.state;
    if (!workshop) return ['No time', 'see the agenda'];
    const gone = (Date.now() - Date.parse(workshop.start)) / 60000;
    if (gone < 0) return [`${workshop.minutes} min`, 'not started'];
    const left = Math.round(workshop.minutes - gone);
    return left >= 0 ? [`${left} min`, `left of ${workshop.minutes}`] : ['Time is up', `${-left} min over`];
  }

  tick() {
    const place = this.node.querySelector('.rkp-time');
    if (!place || !this.state?.assessment) return;
    const [figure, text] = this.timeLeft();
    place.replaceChildren(make('b', { textContent: figure }), text);
  }

  chips() {
    const chips = Object.entries(FILTERS).map(([name, [word, test]]) => {
      const chip = make('button', { className: 'rkp-chip', type: 'button', 'aria-pressed': String(this.filter === name), 'data-key': `chip-${name}` },
        `${word} `, make('b', { textContent: String(this.questions.filter(test).length) }));
      chip.addEventListener('click', () => { this.filter = this.filter === name ? '' : name; this.draw(); });
      return chip;
    });
    const group = make('div', { className: 'rkp-chips', role: 'group', 'aria-label': 'Show only' }, ...chips, this.owners());
    return group;
  }

  /** The choice of an owner, where answers have owners: "mine" is one's own name. */
  owners() {
    const names = [...new Set(this.questions.map(question => question.owner).filter(Boolean))].sort();
    if (!names.length) return null;
    const select = make('select', { className: 'rkp-owner', 'aria-label': 'Owned by', 'data-key': 'owner' },
      make('option', { value: '', textContent: 'All owners' }),
      ...names.map(name => make('option', { value: name, textContent: name })));
    if (!names.includes(this.owner)) this.owner = '';
    select.value = this.owner;
    select.addEventListener('change', () => {
      this.owner = select.value;
      localStorage.setItem(OWNER, this.owner);
      this.draw();
    });
    return select;
  }

  // --- list ---

  get questions() { return this.state.sections.flatMap(section => section.questions); }

  isShown(question) {
    return (!this.filter || FILTERS[this.filter][1](question)) && (!this.owner || question.owner === this.owner);
  }

  list() {
    const list = make('nav', { className: 'rkp-list', 'aria-label': 'Questions' });
    const filtered = this.filter || this.owner;
    for (const section of this.state.sections) {
      const shown = section.questions.filter(question => this.isShown(question));
      if (shown.length || !filtered) list.append(this.section(section, shown, Boolean(filtered)));
    }
    if (!list.childElementCount) list.append(make('p', { className: 'rkp-none', textContent: 'No question matches.' }));
    return list;
  }

  /** A section starts open if it is the one in front, or holds the next open question. */
  isInUse(section) {
    const front = this.state.sections.some(other => other.notebook === this.notebook);
    if (front) return section.notebook === this.notebook;
    return section.questions.some(question => question.id === this.state.next) || this.state.sections[0] === section;
  }

  section(section, shown, filtered) {
    const asked = section.questions.filter(question => question.applicable);
    const contradicted = section.questions.filter(question => question.state === 'contradicted').length;
    const count = make('span', { className: 'rkp-n' });
    if (contradicted) count.append(make('span', { className: 'rkp-s-contradicted', title: `${contradicted} contradicted` }, icon('contradicted'), ` ${contradicted} `));
    count.append(`${asked.filter(question => question.answered).length} of ${asked.length}`);
    const fold = make('details', { open: filtered || (this.folded.get(section.title) ?? this.isInUse(section)) },
      make('summary', { 'data-key': section.notebook }, make('span', { textContent: section.title }), count),
      ...shown.map(question => this.question(question)));
    fold.querySelector('summary').addEventListener('click', () => filtered || this.folded.set(section.title, !fold.open));
    return fold;
  }

  question(question) {
    const mark = question.parked ? 'park' : question.answered ? 'check' : '';
    const words = [question.number, question.short, question.word.toLowerCase(), question.parked ? 'parked' : question.answered ? 'answered' : 'not answered'];
    const link = make('button', { className: 'rkp-q', type: 'button', title: `${question.short}: ${words.slice(2).join(', ')}`, 'aria-label': words.join(', '), 'data-key': question.id },
      make('span', { className: `rkp-s-${question.state}` }, icon(question.state)),
      make('span', { className: 'rkp-id', textContent: question.number }),
      make('span', { className: 'rkp-t', textContent: question.short }),
      mark ? icon(mark) : make('span'));
    if (question.id === this.current) link.setAttribute('aria-current', 'true');
    link.addEventListener('click', () => { this.setCurrent(question.id); this.actions.jump(question.address, question.id); });
    return link;
  }

  // --- foot ---

  foot() {
    const upcoming = this.questions.find(question => question.id === this.state.next);
    const word = this.state.answered ? 'Next open' : 'Begin';
    const label = !this.state.collected ? 'Choose a source' : upcoming ? `${word}: ${upcoming.number}` : 'Go to the report';
    const go = () => (this.state.collected ? this.actions.next() : this.actions.open('00_start.ipynb'));
    return make('div', { className: 'rkp-foot' },
      this.button('next', 'rkp-btn rkp-primary', [label, icon('right')], go),
      this.button('present', 'rkp-btn', [icon('screen'), 'Presenter'], this.actions.present, this.presenting),
      this.button('report', 'rkp-btn', [icon('doc'), 'Write report'], this.actions.report));
  }

  button(key, className, children, act, pressed) {
    const button = make('button', { className, type: 'button', 'data-key': key }, ...children);
    if (pressed !== undefined) button.setAttribute('aria-pressed', String(pressed));
    button.addEventListener('click', () => act());
    return button;
  }

  /** Arrow keys move between the questions; no key reaches JupyterLab's shortcuts without Ctrl, Alt or Cmd. */
  key(event) {
    if (event.ctrlKey || event.altKey || event.metaKey || event.key.startsWith('F')) return;
    event.stopPropagation();
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || !event.target.closest('.rkp-list')) return;
    const stops = [...this.node.querySelectorAll('.rkp-list :is(summary, details[open] > .rkp-q)')];
    stops[stops.indexOf(event.target) + step]?.focus();
    event.preventDefault();
  }
}
