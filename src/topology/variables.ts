const VARIABLE = /\$(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)(?:(:?[-=+])([^}]*))?\})/g;

/**
 * Replaces `$NAME`, `${NAME}`, `${NAME:=default}`, `${NAME:-default}` and `${NAME:+value}` as containerlab does: a name without value or default
 * stays as it is written.
 */
export function substitute(text: string, variables: Readonly<Record<string, string | undefined>>): string {
  return text.replace(VARIABLE, (whole, bare, braced, operator: string | undefined, other = '') => {
    const value = variables[bare ?? braced];
    // A colon makes an empty value count as none.
    const present = operator?.startsWith(':') ? Boolean(value) : value !== undefined;
    if (operator?.endsWith('+')) return present ? other : '';
    if (present) return value;
    return operator ? other : whole;
  });
}
