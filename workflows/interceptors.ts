/** Refuses every activity that changes the world and was not scheduled by `run.step`, whatever a runbook tries. */
import {
  ApplicationFailure,
  defaultPayloadConverter,
  type WorkflowInterceptors,
} from '@temporalio/workflow';
import { changesTheWorld, operationHeader } from './actions/action.js';
import { operationOf } from './effect-mark.js';

function refuse(activity: string): never {
  throw ApplicationFailure.nonRetryable(
    `${activity} changes the world and was not scheduled by run.step`,
    'effect-outside-step',
  );
}

export const interceptors = (): WorkflowInterceptors => ({
  outbound: [
    {
      scheduleActivity(input, next) {
        if (!changesTheWorld(input.activityType)) return next(input);
        const operationId = operationOf(input.args[0]) ?? refuse(input.activityType);
        const marked = { [operationHeader]: defaultPayloadConverter.toPayload(operationId) };
        return next({ ...input, headers: { ...input.headers, ...marked } });
      },
      scheduleLocalActivity(input, next) {
        return changesTheWorld(input.activityType) ? refuse(input.activityType) : next(input);
      },
    },
  ],
});
