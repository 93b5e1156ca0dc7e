/** A number ten or a hundred times too large, from a tired person's fingers or from an alert's label. */
import { incident, type Aftermath, type Incident } from '../incident.js';
import { lowerBlindly, setFromLabel } from '../runbooks.js';
import { inputsNotBounded } from '../weak/runbook.js';
import { policyText } from '../../support/story/policy.js';

const s3 = 'AWS S3, February 2017: one wrong input removed too many servers';

/** Once is enough, even when it is taken back. */
function tooMany({ world }: Aftermath): string | undefined {
  return world.effects
    .map(({ what }) => what)
    .find((what) => /^set retries .* to \d\d+$/.test(what));
}

function slip(name: string, value: number): Incident {
  return incident(name, {
    incident: s3,
    mechanism: `a person types ${value} for 3`,
    guard: 'the bounds that the action declares for its input',
    runbook: lowerBlindly,
    given: (world) => world.storms('shop'),
    script: (s) => {
      s.at(0).fires('RetryStorm');
      s.at('1m').modifies('ana', { step: 'lower', value });
      s.at('2m').approves('ana');
    },
    answer: { kind: 'signal', says: /modify ignored: value must be a number from 0 to 10/ },
    without: inputsNotBounded,
    harm: tooMany,
  });
}

export default [
  slip('ten-times-too-many', 30),
  slip('hundred-times-too-many', 300),
  incident('hundred-times-from-a-label', {
    incident: s3,
    mechanism: 'a label says 300 for 3, and the runbook takes it',
    guard: 'the bounds of the action hold for runbooks too',
    runbook: setFromLabel,
    policy: policyText({ configure: 5 }),
    given: (world) => world.storms('shop'),
    script: (s) => void s.at(0).fires('RetryStorm', { labels: { retries: '300' } }),
    answer: {
      kind: 'outcome',
      says: /step set: value must be a number from 0 to 10/,
      reason: 'runbook-error',
    },
    without: inputsNotBounded,
    harm: tooMany,
  }),
];
