import { readFileSync } from 'node:fs';

/**
 * The command that runs another as a user, as containers name them: `name`, `uid`, `name:group` or `uid:gid`.
 * @param root path to the node's files, for its users and groups
 */
export function asUser(user: string, root: string): string[] {
  const [name = '', groupName] = user.split(':');
  const account = find(`${root}/etc/passwd`, name);
  const group =
    groupName === undefined ? account?.[3] : (find(`${root}/etc/group`, groupName)?.[2] ?? groupName);
  const id = account?.[2] ?? name;
  if (!/^\d+$/.test(id)) throw new Error(`the node has no user "${name}"`);
  const groups = account ? '--init-groups' : '--clear-groups';
  return ['setpriv', '--reuid', id, '--regid', group ?? id, groups, '--'];
}

/** The fields of the line of a file that is about a name or number. */
function find(file: string, name: string): string[] | undefined {
  const lines = readFileSync(file, 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  return lines.find((fields) => fields[0] === name) ?? lines.find((fields) => fields[2] === name);
}
