import { STAGES, type StageName, type Topology } from '../../topology/topology.js';
import { CannotRun } from '../errors.js';

interface Point {
  node: string;
  stage: StageName;
}

const pointName = ({ node, stage }: Point) => `${stage} of ${node}`;

/**
 * Makes sure that every node can start: that no stage waits for itself by way of others, nor for an end that does not come.
 * @throws CannotRun naming the stages
 */
export function checkOrder({ nodes }: Topology): void {
  const settled = new Set<string>();
  const follow = (point: Point, way: readonly string[]) => {
    const name = pointName(point);
    if (settled.has(name)) return;
    if (way.includes(name)) {
      const circle = [...way.slice(way.indexOf(name)), name].join(', which waits for ');
      throw new CannotRun(`the lab would never be up: ${circle}`);
    }
    for (const before of awaited(point)) follow(before, [...way, name]);
    settled.add(name);
  };
  const awaited = ({ node, stage }: Point): Point[] => {
    const earlier = STAGES[STAGES.indexOf(stage) - 1];
    const waits = nodes.get(node)?.stages[stage].waitFor ?? [];
    return [...(earlier ? [{ node, stage: earlier }] : []), ...waits];
  };
  for (const { name: node, stages } of nodes.values()) {
    for (const stage of STAGES) {
      if (stages[stage].waitFor.some((wait) => wait.stage === 'exit'))
        throw new CannotRun(
          `node "${node}": waiting for another node to exit is not in the namespace runtime`,
        );
      follow({ node, stage }, []);
    }
  }
}
