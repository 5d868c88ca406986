import type { Comparison } from '../../analysis/comparison/result.js';

/** The whole comparison for programs; an infinite figure is null. */
export const renderJson = (comparison: Comparison): string => `${JSON.stringify(comparison, null, 2)}\n`;
