/** Control characters, those that turn the direction of text, and halves of a character. */
const HIDDEN = /[\p{Cc}\p{Cs}\u{200e}\u{200f}\u{202a}-\u{202e}\u{2066}-\u{2069}\u{feff}]/gu;

/**
 * What somebody typed as text that shows all that is in it, wherever it is shown: control characters as their pictures (Unicode 2400 to
 * 2421), line breaks as spaces, and what else would hide or turn text as a replacement character.
 */
export function legible(text: string, most: number): string {
  const shown = text.replace(/\s+/g, ' ').trim().replace(HIDDEN, pictureOf);
  const characters = [...shown];
  return characters.length <= most ? shown : `${characters.slice(0, most - 1).join('')}…`;
}

function pictureOf(character: string): string {
  const code = character.codePointAt(0)!;
  if (code < 0x20) return String.fromCodePoint(0x2400 + code);
  return code === 0x7f ? '\u2421' : '\ufffd';
}
