import { escapeXml } from '../xml.js';

type Attributes = Record<string, string | number | undefined>;

/** An element; children are markup already. Numbers are rounded to a tenth: no eye sees more. */
export function element(name: string, attributes: Attributes = {}, ...children: string[]): string {
  const written = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(
      ([key, value]) =>
        ` ${key}="${typeof value === 'number' ? Number(value.toFixed(1)) : escapeXml(value!)}"`,
    );
  return `<${name}${written.join('')}>${children.join('')}</${name}>`;
}

/** A text element. */
export const label = (text: string, attributes: Attributes): string =>
  element('text', attributes, escapeXml(text));

/** Width that a character of a label takes, at most. */
export const CHARACTER = 6.2;

/** A text cut short to what fits into a width. */
export function fitting(text: string, width: number): string {
  const most = Math.floor(width / CHARACTER);
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}

/** What a browser shows when one points at an element. */
export const hint = (text: string): string => element('title', {}, escapeXml(text));

/** A picture that scales with its container, with a title for those who cannot see it. */
export function picture(
  options: { width: number; height: number; title: string; class: string },
  ...children: string[]
): string {
  const { width, height, title } = options;
  const attributes = {
    viewBox: `0 0 ${width} ${height}`,
    style: `--natural: ${Math.round(width)}px`,
    class: options.class,
    role: 'img',
    'aria-label': title,
  };
  return element(
    'svg',
    { xmlns: 'http://www.w3.org/2000/svg', ...attributes },
    element('title', {}, escapeXml(title)),
    ...children,
  );
}
