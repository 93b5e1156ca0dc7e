/** Defining a runbook: what is refused when it is loaded, and what its workflow is called. */
import { expect, test } from '@jest/globals';
import { defineRunbook, workflowTypeOf } from './runbook.js';

const meta = { name: 'restart-service', handles: [{ alertname: 'A' }], summary: 's', maxAgeMs: 1 };
const body = () => Promise.resolve();

test.each(['RestartService', 'restart_service', '', '-restart', 'restart--service', 'a b'])(
  'refuses the name %p and says how one looks',
  (name) => {
    expect(() => defineRunbook({ ...meta, name }, body)).toThrow('use kebab-case');
  },
);

test('refuses a runbook that no alert would ever start', () => {
  expect(() => defineRunbook({ ...meta, handles: [] }, body)).toThrow('handles is empty');
});

test('names the workflow after the runbook', () => {
  expect(workflowTypeOf('restart-service')).toBe('restartService');
  expect(workflowTypeOf('tune-2-retries')).toBe('tune2Retries');
  expect(defineRunbook(meta, body)).toEqual({ meta, body });
});
