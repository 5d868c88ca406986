// Runs in the browser: what a person with weak eyes or a narrow screen would stumble over.

/** Elements with text of their own that can be seen. */
function texts() {
  return [...document.body.querySelectorAll('*')].filter((element) => {
    const own = [...element.childNodes].some(({ nodeType, data }) => nodeType === 3 && data.trim() !== '');
    return own && !element.closest('title') && element.getClientRects().length > 0;
  });
}

/** Red, green, blue and opacity of a computed colour, each from 0 to 1. */
function parts(colour) {
  const [red, green, blue, opacity = 1] = colour.match(/[\d.]+/g).map(Number);
  return { channels: [red, green, blue].map((value) => value / 255), opacity };
}

/** Relative luminance (WCAG 2.2). */
function luminance(colour) {
  const [red, green, blue] = parts(colour).channels.map((value) =>
    value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4,
  );
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** What is behind an element: a shape of its group in a chart, or the nearest background. */
function backgroundOf(element) {
  const shape = element.closest('g')?.querySelector('rect, circle');
  if (shape) return getComputedStyle(shape).fill;
  for (let at = element; at; at = at.parentElement) {
    const { backgroundColor } = getComputedStyle(at);
    if (parts(backgroundColor).opacity === 1) return backgroundColor;
  }
  return 'rgb(255, 255, 255)';
}

/** Contrast of each text with what is behind it (WCAG 2.2, 1.4.3). */
function contrasts() {
  return texts().map((element) => {
    const { color, fill } = getComputedStyle(element);
    const [light, dark] = [element.namespaceURI.endsWith('svg') ? fill : color, backgroundOf(element)]
      .map(luminance)
      .sort((a, b) => b - a);
    return { text: element.textContent.trim().slice(0, 40), ratio: (light + 0.05) / (dark + 0.05) };
  });
}

/** Elements that reach beyond the right edge; those in a box that scrolls are left out unless it is for paper. */
function tooWide({ paper }) {
  return [...document.body.querySelectorAll('*')]
    .filter((element) => paper || !element.closest('.wide, pre'))
    .filter((element) => element.getBoundingClientRect().right > innerWidth + 0.5)
    .map((element) => `${element.tagName} ${element.textContent.trim().slice(0, 40)}`);
}

/** Texts of charts that reach beyond their chart, where they are cut off. */
function cutOff() {
  return texts()
    .filter((element) => element.ownerSVGElement)
    .filter((element) => {
      const [text, chart] = [element, element.ownerSVGElement].map((box) => box.getBoundingClientRect());
      return (
        text.left < chart.left ||
        text.right > chart.right ||
        text.top < chart.top ||
        text.bottom > chart.bottom
      );
    })
    .map((element) => `${element.ownerSVGElement.getAttribute('aria-label')}: ${element.textContent}`);
}

Object.assign(window, { contrasts, tooWide, cutOff });
