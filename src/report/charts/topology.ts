import dagre from '@dagrejs/dagre';
import type { LabResult } from '../../analysis/result.js';
import { element, hint, label, picture } from './svg.js';

const HEIGHT = 34;
const MARGIN = 14;

/** The lab at a moment of the drill. */
export interface Moment {
  name: 'before' | 'during' | 'after';
  title: string;
  /** Links that carried the probes. */
  carrying: readonly string[];
  broken: readonly string[];
}

/** What the pictures of a lab show, one after the other: one picture only where it is not known which way the probes went. */
export function momentsOf({ broken, primary, backup, after }: LabResult): Moment[] {
  const during: Moment = { name: 'during', title: 'While it was broken', carrying: backup, broken };
  if (primary.length === 0) return [during];
  return [
    { name: 'before', title: 'Before', carrying: primary, broken: [] },
    during,
    ...(after.length > 0
      ? [{ name: 'after' as const, title: 'After it was cleared', carrying: after, broken: [] }]
      : []),
  ];
}

/** What is said of a link, by its class. */
function classOf(link: string, { carrying, broken }: Moment, primary: readonly string[]): string {
  const way = primary.includes(link) ? 'primary' : 'backup';
  return [
    'link',
    carrying.includes(link) ? way : '',
    broken.some((target) => sameLink(target, link)) ? 'broken' : '',
  ]
    .filter(Boolean)
    .join(' ');
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

/** Room that a picture has, before it must be made smaller or scrolled. */
const ROOM = { width: 1000, height: 900 };

/** By how much a picture must be shrunk to fit. */
const shrinkage = ({ width = 0, height = 0 }: { width?: number; height?: number }): number =>
  Math.max(1, width / ROOM.width, height / ROOM.height);

/** The lab laid out from left to right, or from top to bottom where that fits better. */
function layoutOf(lab: LabResult) {
  const [across, down] = (['LR', 'TB'] as const).map((direction) => laidOut(lab, direction));
  return shrinkage(across!.graph()) <= shrinkage(down!.graph()) ? across! : down!;
}

function laidOut(lab: LabResult, rankdir: 'LR' | 'TB') {
  const graph = new dagre.graphlib.Graph({ multigraph: true });
  graph.setGraph({ rankdir, nodesep: 28, ranksep: 56, marginx: MARGIN, marginy: MARGIN });
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
  return graph;
}

/** The lab as a graph at a moment: what is broken, and which way the probes go. */
export function topologyPicture(lab: LabResult, moment: Moment): string {
  const graph = layoutOf(lab);
  const { width = 0, height = 0 } = graph.graph();
  const links = graph.edges().map((edge: { v: string; w: string; name?: string }) => {
    const { points } = graph.edge(edge) as { points: { x: number; y: number }[] };
    const path = points
      .map(({ x, y }, index) => `${index === 0 ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`)
      .join('');
    const kind = classOf(edge.name!, moment, lab.primary);
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
    const isBroken = moment.broken.some((target) => target === name || target.endsWith(` on ${name}`));
    return element(
      'g',
      { class: isBroken ? 'node broken' : 'node' },
      element('rect', { x: x - width / 2, y: y - height / 2, width, height, rx: 6 }),
      label(name, { x, y: y + 5, 'text-anchor': 'middle' }),
    );
  });
  const title = `Topology of ${lab.name}: ${moment.title.toLowerCase()}`;
  return picture({ width, height, title, class: 'topology' }, ...links, ...nodes);
}
