import { metricNamed } from '../analysis/metrics/registry.js';
import type { Scenario, Step } from './schema.js';

/** A step that asks a person to do something. */
export type OperatorStep = Extract<Step, { operator: unknown }>;

/** The steps that ask people, in order. */
export const operatorSteps = (steps: readonly Step[]): OperatorStep[] =>
  steps.flatMap((step) => ('operator' in step ? [step] : []));

/** Whether a drill cannot be whole without people: a step asks one, waits for one, or a target times one. */
export const asksPeople = ({ steps, targets }: Pick<Scenario, 'steps' | 'targets'>): boolean =>
  operatorSteps(steps).length > 0 ||
  steps.some((step) => 'wait' in step && typeof step.wait === 'object' && step.wait.for === 'notice') ||
  targets.some(({ metric }) => isOfPeople(metric));

const isOfPeople = (metric: string): boolean =>
  ['operators', 'operator step'].includes(metricNamed(metric)?.subject ?? '');
