import { activeTime } from './active-time.js';
import { backupDelay } from './backup-delay.js';
import { delayVariation, oneWayDelay } from './delay.js';
import { decisionTime, detectionTime } from './detection-time.js';
import { firstFlowTime } from './first-flow-time.js';
import { goodput, lowestGoodput } from './goodput.js';
import { leakedPackets } from './leaked-packets.js';
import { longestLossPeriod } from './longest-loss-period.js';
import { lossOfConnectivity } from './loss-of-connectivity.js';
import type { Metric } from './metric.js';
import { mos, voiceLoss } from './mos.js';
import { operatorDetectionTime, operatorResponseTime } from './operator-times.js';
import { overlapTime } from './overlap-time.js';
import {
  lossPeriods,
  packetLoss,
  packetsCorrupted,
  packetsDuplicated,
  packetsLost,
  packetsReordered,
} from './packets.js';
import { recoveryTime } from './recovery-time.js';
import { responseTime } from './response-time.js';
import { reversionTime, timeToReversion } from './reversion-time.js';
import { sessionStall, sessionsSurvived } from './sessions.js';
import { signals } from './signals.js';
import { retransmissions, tcpEfficiency } from './tcp-senders.js';
import { timeToLoss } from './time-to-loss.js';

/** What can be measured and limited; a new metric is its definition and a line here. */
export const metrics = {
  recovery_time: recoveryTime,
  first_flow_time: firstFlowTime,
  time_to_loss: timeToLoss,
  loss_of_connectivity: lossOfConnectivity,
  loss_periods: lossPeriods,
  longest_loss_period: longestLossPeriod,
  packet_loss: packetLoss,
  packets_lost: packetsLost,
  packets_duplicated: packetsDuplicated,
  packets_reordered: packetsReordered,
  packets_corrupted: packetsCorrupted,
  detection_time: detectionTime,
  decision_time: decisionTime,
  operator_detection_time: operatorDetectionTime,
  operator_response_time: operatorResponseTime,
  active_time: activeTime,
  signals,
  overlap_time: overlapTime,
  reversion_time: reversionTime,
  time_to_reversion: timeToReversion,
  backup_delay: backupDelay,
  one_way_delay: oneWayDelay,
  delay_variation: delayVariation,
  response_time: responseTime,
  sessions_survived: sessionsSurvived,
  session_stall: sessionStall,
  goodput,
  lowest_goodput: lowestGoodput,
  retransmissions,
  tcp_efficiency: tcpEfficiency,
  leaked_packets: leakedPackets,
  mos,
  voice_loss: voiceLoss,
} as const satisfies Record<string, Metric>;

/** A metric by its name, or nothing. */
export const metricNamed = (name: string): Metric | undefined => (metrics as Record<string, Metric>)[name];
