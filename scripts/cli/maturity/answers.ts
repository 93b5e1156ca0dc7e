/** policies/maturity.yaml: what people answer where nothing measures it. A closed shape: a misspelt question is an error. */
import { z } from 'zod';

const answer = z.strictObject({
  answer: z.enum(['yes', 'partly', 'no'], { error: 'an answer is yes, partly or no' }),
  how: z.string().min(1, 'say how it is known'),
});

/** Asked of each runbook, in this order. */
export const questions = {
  detection: 'Is the fault detected without a person?',
  diagnosis: 'Does it find out what is wrong, not only that something is?',
  remediation: 'Is the repair done by steps that can be verified?',
  decision: 'Is the decision to act made without a person?',
  structured: 'Are its input and what it saw structured data?',
  idempotent: 'Is each step safe to repeat, and tried against its own fault?',
  audited: 'Does every run that acted leave intent, effect and outcome?',
  governed: 'Does it change only by review, under a policy that names it?',
} as const;
export type Question = keyof typeof questions;

/** What no runbook can be better than. */
export const layers = {
  observability: 'Does every service have a probe and alerts that come in?',
  coverage: 'Do the faults that are known have a runbook?',
  slos: 'Are SLOs wired as control loops: does a spent budget stop Belay?',
  rebuildable: 'Can what is acted on be built anew?',
  oversight: 'Is somebody told and able to stop it?',
} as const;
export type Layer = keyof typeof layers;

/** Asked of each service: the layer is the share of services that have it. */
export const perService = [
  'observability',
  'slos',
  'rebuildable',
] as const satisfies readonly Layer[];

export const answersSchema = z.strictObject({
  version: z.literal(1),
  /** Day of the last look, YYYY-MM-DD. */
  reviewed: z.string().regex(/^\d{4}-\d\d-\d\d$/, 'a day is YYYY-MM-DD'),
  runbooks: z.record(
    z.string(),
    z.partialRecord(z.enum(Object.keys(questions) as Question[]), answer),
  ),
  layers: z.partialRecord(z.enum(Object.keys(layers) as Layer[]), answer),
  /** By service; goes before what `layers` says of all. */
  services: z.record(z.string(), z.partialRecord(z.enum(perService), answer)).default({}),
});

export type Answers = z.output<typeof answersSchema>;
