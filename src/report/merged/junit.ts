import type { MergedDrill } from '../../shards/merged.js';
import { addSuite, newJunit } from '../junit.js';
import { legalXml } from '../xml.js';
import type { MergedFormat } from './report.js';

/** A test suite a drill. What is missing is a failure of its own name, and so is a shard. */
export const junit: MergedFormat = {
  file: 'junit.xml',
  render({ drills, shards }) {
    const builder = newJunit();
    for (const { name, asked } of shards.filter(({ missing }) => missing)) {
      const suite = builder.testSuite().name(`shard ${name}`);
      suite
        .testCase()
        .className(`shard ${name}`)
        .name('result')
        .failure(`shard ${name} left no result; it was to run ${asked} drills`, 'shard missing');
    }
    for (const drill of drills) {
      if (drill.result) addGate(addSuite(builder, drill.result), drill);
      else addUndone(builder.testSuite().name(legalXml(drill.name)), drill);
    }
    return builder.build();
  },
};

type Suite = ReturnType<typeof addSuite>;

/** A case for what became of the comparison with the baseline, where that is not what the drill itself came to. */
function addGate(suite: Suite, { name, verdict, reason, result }: MergedDrill): void {
  if (verdict === result?.verdict) return;
  const gate = suite.testCase().className(legalXml(name)).name('comparison with the baseline');
  if (verdict === 'fail') gate.failure(legalXml(reason), 'regression');
  else gate.error(legalXml(reason), 'inconclusive');
}

function addUndone(suite: Suite, { name, reason, missing }: MergedDrill): void {
  const verdict = suite.testCase().className(legalXml(name)).name('verdict');
  if (missing) verdict.failure(legalXml(reason), 'drill missing');
  else verdict.error(legalXml(reason), 'drill not run');
}
