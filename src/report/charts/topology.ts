import dagre from '@dagrejs/dagre';
import type { LabResult } from '../../analysis/result.js';
import { element, hint, label, picture } from './svg.js';

const HEIGHT = 34;
const MARGIN = 14;

/** What is said of a link, by its class: broken beats primary beats backup. */
function classOf(link: string, { broken, primary, backup }: LabResult): string {
  const isBroken = broken.some((target) => sameLink(target, link));
  const carries = primary.includes(link) ? 'primary' : backup.includes(link) ? 'backup' : '';
  return ['link', carries, isBroken ? 'broken' : ''].filter(Boolean).join(' ');
}

function sameLink(a: string, b: string): boolean {
  const ends = (name: string) =>
    name
      .split('<->')
      .map((end) => end.trim())
      .sort()
      .join();
  return a.includes('<->') && ends(a) === ends(b);
}

/** The lab as a graph: what was broken, which way the probes went before and during the fault. */
export function topologyPicture(lab: LabResult): string {
  const graph = new dagre.graphlib.Graph({ multigraph: true });
  graph.setGraph({ rankdir: 'LR', nodesep: 28, ranksep: 56, marginx: MARGIN, marginy: MARGIN });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const { name } of lab.nodes)
    graph.setNode(name, { width: Math.max(64, name.length * 8.2 + 22), height: HEIGHT });
  for (const { name, ends } of lab.links) {
    const [a, b] = ends;
    for (const end of ends)
      if (!graph.hasNode(end.node)) graph.setNode(end.node, { width: 64, height: HEIGHT });
    graph.setEdge(a!.node, b!.node, {}, name);
  }
  dagre.layout(graph);
  const { width = 0, height = 0 } = graph.graph();
  const links = graph.edges().map((edge: { v: string; w: string; name?: string }) => {
    const { points } = graph.edge(edge) as { points: { x: number; y: number }[] };
    const path = points
      .map(({ x, y }, index) => `${index === 0 ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`)
      .join('');
    const kind = classOf(edge.name!, lab);
    const middle = points[points.length >> 1]!;
    const cross = kind.includes('broken')
      ? label('✕', { class: 'cross', x: middle.x, y: middle.y + 6, 'text-anchor': 'middle' })
      : '';
    return element('path', { class: kind, d: path }, hint(edge.name!)) + cross;
  });
  const nodes = graph.nodes().map((name: string) => {
    const { x, y, width, height } = graph.node(name) as {
      x: number;
      y: number;
      width: number;
      height: number;
    };
    const isBroken = lab.broken.some((target) => target === name || target.endsWith(` on ${name}`));
    return element(
      'g',
      { class: isBroken ? 'node broken' : 'node' },
      element('rect', { x: x - width / 2, y: y - height / 2, width, height, rx: 6 }),
      label(name, { x, y: y + 5, 'text-anchor': 'middle' }),
    );
  });
  return picture({ width, height, title: `Topology of ${lab.name}`, class: 'topology' }, ...links, ...nodes);
}
