// Looks closer at a part of a timeline. Without this the page is the same, only not as close.

/** From which magnification on the axis has ticks between its ticks. */
const CLOSE = 4;
/** Narrowest part that is shown, of the whole. */
const LEAST = 1 / 200;

for (const chart of document.querySelectorAll('svg.timeline')) {
  const [left, top, width, height] = chart.getAttribute('viewBox').split(' ').map(Number);
  let part = { from: left, span: width };

  const show = (from, wanted) => {
    const span = Math.min(width, Math.max(width * LEAST, wanted));
    part = { from: Math.min(Math.max(left, from), left + width - span), span };
    const isZoomed = span < width;
    chart.setAttribute('preserveAspectRatio', 'none');
    // It stays as high as it is.
    chart.style.aspectRatio = isZoomed ? `${width} / ${height}` : '';
    chart.style.setProperty('--zoom', width / span);
    chart.style.setProperty('--from', `${part.from - left}px`);
    chart.classList.toggle('zoomed', isZoomed);
    chart.classList.toggle('close', width / span >= CLOSE);
    chart.setAttribute('viewBox', `${part.from} ${top} ${span} ${height}`);
  };
  const zoom = (factor) => show(part.from + (part.span * (1 - 1 / factor)) / 2, part.span / factor);
  const placeOf = ({ clientX }) => {
    const box = chart.getBoundingClientRect();
    return part.from + ((clientX - box.left) / box.width) * part.span;
  };

  const chosen = document.createElementNS(chart.namespaceURI, 'rect');
  chosen.setAttribute('class', 'chosen');
  let begin;
  const choose = (event) => {
    const [from, to] = [begin, placeOf(event)].sort((a, b) => a - b);
    for (const [name, value] of Object.entries({ x: from, y: top, width: to - from, height }))
      chosen.setAttribute(name, value);
    return { from, span: to - from };
  };
  const end = () => {
    begin = undefined;
    chosen.remove();
  };
  chart.addEventListener('pointerdown', (event) => {
    if (event.button !== 0 || event.pointerType === 'touch') return;
    begin = placeOf(event);
    chart.setPointerCapture(event.pointerId);
  });
  chart.addEventListener('pointermove', (event) => {
    if (begin === undefined) return;
    choose(event);
    chart.append(chosen);
  });
  chart.addEventListener('pointercancel', end);
  chart.addEventListener('pointerup', (event) => {
    if (begin === undefined) return;
    const { from, span } = choose(event);
    end();
    // A click chooses nothing.
    if (span / part.span > 0.01) show(from, span);
  });
  chart.addEventListener('dblclick', () => show(left, width));

  const keys = {
    '+': () => zoom(2),
    '-': () => zoom(1 / 2),
    0: () => show(left, width),
    ArrowLeft: () => show(part.from - part.span / 4, part.span),
    ArrowRight: () => show(part.from + part.span / 4, part.span),
  };
  chart.tabIndex = 0;
  chart.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !keys[event.key]) return;
    event.preventDefault();
    keys[event.key]();
  });
  // Paper shows all of it.
  addEventListener('beforeprint', () => show(left, width));
}
for (const note of document.querySelectorAll('.zoom-note')) note.hidden = false;
