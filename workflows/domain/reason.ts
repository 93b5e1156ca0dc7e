/**
 * The closed list of reasons why a run did not do, or did not keep, what it proposed; one sentence each.
 * The same word stands in the ledger, the report, metric labels, the search attribute and docs/why-it-did-not-act.md.
 */

export const reasons = {
  stopped: 'The switch is off for this scope, or could not be read.',
  'own-part': 'The run would touch a part of Belay itself.',
  stale: 'The alert is older than the runbook acts on.',
  'resolved-meanwhile':
    'The alert resolved before everything was done; what was done already stands.',
  quarantined: 'An earlier run left this target in an unknown state; a person must release it.',
  frozen: 'A calendar forbids changes, or changes without a person, at this time.',
  recurring: 'The service was repaired too often lately; a person must find out why.',
  storm: 'Too large a share of the zone or the fleet is sick at once.',
  'dependency-sick': 'A service this one depends on is sick, and its repair comes first.',
  'target-busy': 'Another run holds the lease of this target.',
  'blast-radius': 'Too much of the service, the zone or the fleet would be touched at once.',
  'risk-spent': 'So much risk was taken in a short while that none is left to take.',
  'error-budget-spent':
    'Too little of the service’s error budget is left for anything to go wrong.',
  'rate-limited': 'Too many actions of this class were let in within a short while.',
  'breaker-open': 'This action kept failing, so it is left alone for a while.',
  'policy-forbids':
    'No policy permits this class of action on this service, or policy could not be read.',
  'not-approved': 'A step would create or change a resource that is not within the approved lists.',
  'advise-only': 'Policy permits advice only: the proposal was posted, nothing was changed.',
  unanswered: 'A signal was required and nobody on the escalation chain sent it in time.',
  rejected: 'A person rejected the proposal.',
  vetoed: 'A person vetoed the proposal within the veto window.',
  halted: 'A person halted the run.',
  'taken-over': 'A person took the incident over; Belay leaves everything as it is.',
  unobservable: 'An observation the decision needs could not be made.',
  'telemetry-stale':
    'An observation the decision needs was too old, lacked a field, or contradicted another.',
  unreadable: 'The facts a gate needs could not be read.',
  'nothing-to-do': 'The runbook proposed no step for what it saw.',
  'keeps-moving': 'The world changed under every proposal; the run gave up asking again.',
  'runbook-error': 'The runbook itself threw an error.',
  'step-failed': 'A step failed, or it could not be told whether it took effect.',
  'not-confirmed': 'Every step was done and the service was still not well.',
  'undo-requested': 'A person asked for the repair to be taken back.',
  'undo-failed': 'A step could not be taken back: people are paged and the target is quarantined.',
} as const satisfies Record<string, string>;

export type Reason = keyof typeof reasons;
