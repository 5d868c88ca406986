import { CannotRun } from '../runtime/errors.js';
import type { Cluster, Right } from './cluster.js';

/** What following a run takes. */
const FOLLOWING: Right[] = [
  ...all('batch', 'jobs', ['get', 'watch', 'delete']),
  ...all('', 'configmaps', ['get']),
  ...all('', 'pods', ['watch']),
  // A command in a container: which of the two is asked for depends on the version of Kubernetes.
  ...all('', 'pods/exec', ['get', 'create']),
  ...all('', 'events', ['list', 'watch']),
];

/** What each verb takes. */
export const rights = {
  run: [...FOLLOWING, ...all('batch', 'jobs', ['create', 'patch']), ...all('', 'configmaps', ['create'])],
  attach: FOLLOWING,
  delete: all('batch', 'jobs', ['delete']),
  schedule: [...all('batch', 'cronjobs', ['create', 'update']), ...all('', 'configmaps', ['create'])],
} satisfies Record<string, Right[]>;

function all(group: Right['group'], name: string, verbs: readonly string[]): Right[] {
  const [resource = '', subresource] = name.split('/');
  return verbs.map((verb) => ({ group, resource, ...(subresource !== undefined && { subresource }), verb }));
}

const nameOf = ({ resource, subresource }: Right): string =>
  subresource === undefined ? resource : `${resource}/${subresource}`;

/** Makes sure that the user may do all that a verb is going to. @throws CannotRun with all that is lacking */
export async function checkRights(cluster: Cluster, verb: keyof typeof rights): Promise<void> {
  const wanted = rights[verb];
  const answers = await Promise.all(wanted.map((right) => cluster.may(right)));
  const lacking = wanted.filter((_, index) => answers[index] === false);
  if (lacking.length === 0) return;
  const what = byResource(lacking).map(({ name, verbs }) => `${verbs.join(', ')} ${name}`);
  throw new CannotRun(`this user may not ${what.join('; nor ')} in the namespace ${cluster.namespace}`, {
    hint: 'faildrill kubernetes role prints a Role with all that it takes',
  });
}

interface OfResource {
  group: Right['group'];
  name: string;
  verbs: string[];
}

function byResource(list: readonly Right[]): OfResource[] {
  const found = new Map<string, OfResource>();
  for (const right of list) {
    const name = nameOf(right);
    const { verbs } = found.get(name) ?? { verbs: [] };
    found.set(name, { group: right.group, name, verbs: [...new Set([...verbs, right.verb])] });
  }
  return [...found.values()];
}

/** A Role with what verbs take, and no more. */
export const role = (verbs: readonly (keyof typeof rights)[], name = 'faildrill') => ({
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'Role',
  metadata: { name },
  rules: byResource(verbs.flatMap((verb) => rights[verb])).map(
    ({ group, name: resource, verbs: allowed }) => ({
      apiGroups: [group],
      resources: [resource],
      verbs: allowed,
    }),
  ),
});
