import { type Impairment, impairment } from './impairment.js';

/** Lines as they are when they are bad, or just as they are, for each direction. */
export interface Profile {
  name: string;
  description: string;
  /** Where the numbers come from; docs/profiles.md has each of them. */
  source: string;
  down: Impairment;
  up: Impairment;
}

const profile = (
  name: string,
  description: string,
  source: string,
  ...[both, down, up]: Parameters<typeof impairment>[0][]
): Profile => ({
  name,
  description,
  source,
  down: impairment({ ...both, ...down }),
  up: impairment({ ...both, ...up }),
});

/** Loss in bursts of so many packets on average: p follows from the share that is lost. */
const bursts = (share: number, length: number) => {
  const percent = (value: number) => `${Number((100 * value).toPrecision(3))}%`;
  return { gemodel: { p: percent(share / (1 - share) / length), r: percent(1 / length) } };
};

/** The profiles; a new one is its entry here and its table in docs/profiles.md. */
export const profiles = {
  'lte-poor': profile(
    'lte-poor',
    'LTE with a bad signal',
    'ERRANT (Computer Networks 176, 2020), a bad 4G row; 3GPP TS 23.203',
    { delay: '51ms', jitter: '30ms', distribution: 'pareto', loss: bursts(0.01, 3) },
    { rate: '11.5mbit' },
    { rate: '1.52mbit' },
  ),
  'satellite-geo': profile(
    'satellite-geo',
    'a geostationary satellite',
    'draft-kuhn-quic-4-sat-06 (work in progress); RFC 2488',
    { delay: '325ms', jitter: '10ms', distribution: 'normal', loss: '1%' },
    { rate: '10mbit' },
    { rate: '2mbit' },
  ),
  'satellite-leo': profile(
    'satellite-leo',
    'satellites in a low orbit',
    'measurements of Starlink: UCLouvain 2022, Huston 2024, Ookla',
    { delay: '25ms', jitter: '4ms', distribution: 'normal', loss: bursts(0.015, 5) },
    { rate: '104.7mbit' },
    { rate: '14.8mbit' },
  ),
  'congested-broadband': profile(
    'congested-broadband',
    'a cable line at its busiest hour, its queues full',
    "WebPageTest's Cable; DSLReports' bufferbloat grade D; FCC Measuring Broadband America",
    { delay: '164ms', jitter: '50ms', loss: bursts(0.01, 4) },
    { rate: '5mbit' },
    { rate: '1mbit' },
  ),
  'mpls-clean': profile(
    'mpls-clean',
    'an MPLS VPN that meets its agreement',
    'SLAs of Verizon and AT&T',
    { delay: '18ms', jitter: '1ms', distribution: 'normal', loss: '0.01%', rate: '100mbit' },
    {},
    {},
  ),
  dsl: profile(
    'dsl',
    'a DSL line',
    'FCC Measuring Broadband America 2016, as Verizon shows it',
    { delay: '18.5ms', jitter: '4ms', distribution: 'normal', loss: '0.4%' },
    { rate: '5.66mbit' },
    { rate: '0.82mbit' },
  ),
  '5g': profile(
    '5g',
    '5G in a public network',
    'Rohde & Schwarz 2022, one-way delays; Ookla 2021; 3GPP TS 23.501',
    { distribution: 'pareto', loss: '0.1%' },
    { delay: '7ms', jitter: '3ms', rate: '166mbit' },
    { delay: '18ms', jitter: '5ms', rate: '21mbit' },
  ),
  'microwave-rain': profile(
    'microwave-rain',
    'a microwave link of five hops in heavy rain, at its lowest modulation',
    'Alcatel-Lucent 9500 MPR manual, tables 3 and 7; RACOM',
    { delay: '1ms', jitter: '300us', loss: '1.2%', rate: '41.9mbit' },
    {},
    {},
  ),
} as const satisfies Record<string, Profile>;
