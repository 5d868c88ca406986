/** What XML 1.0 cannot hold: most control characters and lone surrogates. */
const ILLEGAL = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu;

/** Text with what XML cannot hold replaced; not yet escaped. */
export const legalXml = (text: string): string => text.replace(ILLEGAL, '\ufffd');

/** Text as it may stand in XML or HTML, in an attribute too. */
export const escapeXml = (text: string): string =>
  legalXml(text)
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/"/g, '&quot;')
    .replace(/'/g, '&#39;');
