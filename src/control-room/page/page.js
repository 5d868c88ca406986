// The control room's page: shows what it is told, sends what somebody does. Every text becomes a text node, so none can become markup.

const byId = (id) => document.getElementById(id);
const isDirector = location.pathname !== '/operator';
// The token is in a cookie by now; nobody should read it off a shared screen.
history.replaceState(null, '', location.pathname);
for (const section of document.querySelectorAll('.director')) section.hidden = !isDirector;

/** An element with a class and texts or elements in it. */
function make(tag, className, ...children) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.append(...children);
  return element;
}

/** A length of time in nanoseconds, as 1:05. */
function clock(nanoseconds) {
  const seconds = Math.max(0, Math.floor(nanoseconds / 1e9));
  const minutes = Math.floor(seconds / 60);
  return `${minutes}:${String(seconds % 60).padStart(2, '0')}`;
}

/** The last times that this page was told the drill's clock, with its own clock at that moment (milliseconds). */
const tellings = [];

function noteTime(told) {
  if (told === null) tellings.length = 0;
  else tellings.push({ told, at: performance.now() });
  if (tellings.length > 20) tellings.shift();
}

/** The drill's clock now, as far as it is known here. */
function drillNow() {
  const last = tellings.at(-1);
  return last && last.told + (performance.now() - last.at) * 1e6;
}

/** What is known of when something was done: the last time that this page was told before, and how long before that was. */
function sightOf({ timeStamp }) {
  const last = tellings.findLast(({ at }) => at <= timeStamp);
  return last && { told: last.told, since: Math.round((timeStamp - last.at) * 1e6) };
}

const me = byId('me');
me.value = localStorage.getItem('faildrill-name') ?? '';
me.addEventListener('change', () => localStorage.setItem('faildrill-name', me.value));

/** Says in a line what became of something that was done. */
function report(text, isRefused) {
  byId('answered').textContent = text;
  byId('answered').className = isRefused ? 'refused' : '';
}

/** Sends what somebody did; returns whether it was taken. */
async function send(message) {
  try {
    const response = await fetch('/acts', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ who: me.value, ...message }),
    });
    report(response.ok ? `taken: ${message.act}` : `not taken: ${await response.text()}`, !response.ok);
    return response.ok;
  } catch {
    report('not taken: no connection', true);
    return false;
  }
}

/** Whether somebody has said who they are. */
const isNamed = () => me.reportValidity();

/** Makes a form send an act with its words. */
function onSubmit(form, act, after = () => {}) {
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    if (!isNamed()) return;
    const sight = sightOf(event);
    if (await send({ act, text: form.elements.text.value, sight })) {
      form.reset();
      after();
    }
  });
}

onSubmit(byId('notice'), 'notice');
onSubmit(byId('note'), 'note');
const reason = byId('abort').querySelector('fieldset');
const ask = (isAsking) => {
  reason.hidden = !isAsking;
  byId('stop').hidden = isAsking;
};
byId('stop').addEventListener('click', () => ask(true));
byId('go-on').addEventListener('click', () => ask(false));
onSubmit(byId('abort'), 'abort', () => ask(false));

/** What a file is, for the recording. */
async function describe(file) {
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', await file.arrayBuffer()));
  const sha256 = [...hash].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return { file: file.name, sha256, bytes: file.size };
}

/** What a form has of evidence. */
const evidenceOf = ({ elements }) => ({ text: elements.evidence.value, file: elements.file.files[0] });

/** Attaches evidence to an instruction. */
async function attach({ text, file }, instruction) {
  if (text.trim() !== '') await send({ act: 'attach', instruction, evidence: { text } });
  if (!file) return;
  try {
    await send({ act: 'attach', instruction, evidence: await describe(file) });
  } catch {
    report(`not taken: ${file.name} cannot be read`, true);
  }
}

const answer = byId('answer');
/** The instruction that the form is about. */
let shown;

answer.addEventListener('submit', async (event) => {
  event.preventDefault();
  if (!isNamed() || !shown) return;
  const sight = sightOf(event);
  const { t: instruction } = shown;
  // The next instruction may have cleared the form by the time that the answer was taken.
  const evidence = evidenceOf(answer);
  // The answer first: its time counts, and a large file takes a while.
  if (await send({ act: 'confirm', instruction, text: answer.elements.text.value, sight }))
    await attach(evidence, instruction);
});

function showInstruction(instruction) {
  if (instruction?.t === shown?.t) return;
  answer.reset();
  shown = instruction;
  answer.hidden = !instruction;
  byId('nothing').hidden = Boolean(instruction);
  document.title = instruction ? `▶ ${instruction.text}` : 'faildrill control room';
  if (!instruction) return;
  byId('instruction').textContent = instruction.text;
  byId('who').textContent = instruction.who ? `For ${instruction.who}.` : '';
  byId('wanted').textContent = instruction.evidence ? `(wanted: ${instruction.evidence})` : '';
  showTimer();
}

function showTimer() {
  const now = drillNow();
  if (!shown || now === undefined) return;
  const { t, expect } = shown;
  const isLate = expect !== undefined && now - t > expect;
  byId('timer').textContent =
    `${clock(now - t)}${expect === undefined ? '' : ` of ${clock(expect)} planned`}${isLate ? ', late' : ''}`;
  byId('timer').className = isLate ? 'late' : '';
}
setInterval(showTimer, 250);

/** What was asked before; only what is new is added, since somebody may be typing in the others. */
function showPast(past) {
  const list = byId('past');
  const known = [...list.children];
  for (const item of known) if (!past.some(({ t }) => String(t) === item.dataset.t)) item.remove();
  for (const { t, text, ending, ended } of past) {
    if (known.some((item) => item.dataset.t === String(t))) continue;
    const form = make(
      'form',
      '',
      make('label', '', 'Text', field('evidence')),
      make('label', '', 'File', field('file', 'file')),
      make('button', '', 'Attach'),
    );
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      if (!isNamed()) return;
      void attach(evidenceOf(form), t);
      form.reset();
    });
    const details = make('details', '', make('summary', '', 'attach evidence'), form);
    const words = ending === 'not asked' ? ending : `${ending} after ${clock(ended - t)}`;
    const item = make('li', '', text, make('small', '', ` ${words} `), ending === 'not asked' ? '' : details);
    item.dataset.t = t;
    list.append(item);
  }
}

function field(name, type = 'text') {
  const input = document.createElement('input');
  Object.assign(input, { name, type });
  return input;
}

const fill = (id, items, none) =>
  byId(id).replaceChildren(...(items.length > 0 ? items : none ? [make('li', 'done', none)] : []));

const takers = {
  state(state) {
    const { trial, of, instruction, past } = state;
    byId('trial').textContent = trial > 0 ? `trial ${trial}${of ? ` of ${of}` : ''}` : '';
    showInstruction(instruction);
    showPast(past);
    const { over = state.isOver ? { verdict: 'over', reason: 'thank you' } : undefined } = state;
    byId('over').hidden = !over;
    if (over) byId('verdict').textContent = `${over.verdict}: ${over.reason}`;
    if (!isDirector) return;
    const { name, title, phase, steps, faults, watches, log } = state;
    byId('name').textContent = name || 'faildrill';
    byId('title').textContent = title || 'Control room';
    byId('phase').textContent = `Now: ${phase}`;
    fill(
      'steps',
      steps.map(({ text, state }) =>
        make('li', state, text, ...(state === 'next' ? [make('small', '', ' next')] : [])),
      ),
    );
    fill(
      'faults',
      faults.map(({ fault, target }) => make('li', 'fault', `${fault}: ${target}`)),
      'nothing is broken by the drill',
    );
    fill(
      'watches',
      watches.map(({ watch, active, detail }) =>
        make(
          'li',
          active ? 'active' : '',
          `${watch}: ${active ? 'active' : 'not active'}`,
          make('small', '', ` ${detail}`),
        ),
      ),
      'no signal yet',
    );
    fill(
      'log',
      log.map(({ t, kind, text }) => make('li', kind, make('span', 'at', `${clock(t)} `), text)).reverse(),
    );
  },
  readings(readings) {
    if (!isDirector || readings.length === 0) return;
    const probes = readings.at(-1).readings.map(({ probe }) => probe);
    byId('probes').replaceChildren(
      ...probes.map((name) => {
        const series = readings.map(({ readings }) => readings.find(({ probe }) => probe === name));
        return probeBox(name, series);
      }),
    );
  },
};

const percent = (share) => `${Number((share * 100).toFixed(1))} %`;

function probeBox(name, series) {
  const { loss, delay, goodput, kind } = series.at(-1);
  const figures = [
    loss === null ? undefined : `loss ${percent(loss)}`,
    delay === null ? undefined : `delay ${(delay / 1e6).toFixed(2)} ms`,
    goodput === null ? undefined : `${(goodput / 1e6).toFixed(2)} Mbit/s`,
  ].filter(Boolean);
  const text = figures.join(', ') || 'not yet known';
  const box = make(
    'div',
    'probe',
    make('b', '', `${name} `, make('small', '', kind)),
    make('span', '', text),
  );
  box.append(chart(`${name}: ${text}`, series));
  return box;
}

const WIDTH = 120;

/** Loss from below, delay as a line by its largest, goodput from below by its largest. */
function chart(title, series) {
  const svg = svgElement('svg', { viewBox: `0 0 ${WIDTH} 40`, preserveAspectRatio: 'none', role: 'img' });
  svg.setAttribute('aria-label', title);
  const start = WIDTH - series.length;
  const bars = (key, most) =>
    series
      .map((reading, index) => ({ x: start + index, share: (reading?.[key] ?? 0) / most }))
      .filter(({ share }) => share > 0)
      .map(({ x, share }) => `M${x} 40v${-40 * Math.min(1, share)}h1V40z`)
      .join('');
  const largest = (key) => Math.max(1, ...series.map((reading) => reading?.[key] ?? 0));
  const most = largest('delay');
  const points = series.map((reading, index) => {
    const delay = reading?.delay ?? null;
    return delay === null ? undefined : [start + index + 0.5, 39 - 34 * (delay / most)];
  });
  const line = points
    .map((point, index) => (point ? `${points[index - 1] ? 'L' : 'M'}${point.join(' ')}` : ''))
    .join('');
  svg.append(
    svgElement('path', { class: 'goodput', d: bars('goodput', largest('goodput')) }),
    svgElement('path', { class: 'loss', d: bars('loss', 1) }),
    svgElement('path', { class: 'delay', d: line }),
  );
  return svg;
}

function svgElement(tag, attributes) {
  const element = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

function connect() {
  const source = new EventSource(isDirector ? '/events' : '/operator/events');
  const connection = (text, isLost) => {
    byId('connection').textContent = text;
    byId('connection').className = isLost ? 'lost' : '';
  };
  source.addEventListener('open', () => connection('connected', false));
  source.addEventListener('error', () => {
    connection('connection lost, trying again', true);
    // It gives up where the answer is a refusal; the drill may be over, or another run have the port.
    if (source.readyState === EventSource.CLOSED) setTimeout(connect, 2000);
  });
  for (const [event, take] of Object.entries(takers)) {
    source.addEventListener(event, ({ data }) => {
      const { told, what } = JSON.parse(data);
      noteTime(told);
      take(what);
    });
  }
  source.addEventListener('end', () => {
    source.close();
    connection('faildrill has ended', false);
    for (const button of document.querySelectorAll('button')) button.disabled = true;
  });
}
connect();
