/** Names of places where a fault can happen, whatever the run's id is; plans no fault itself. */

/** The effect of the step with this name, in any run. */
export function effectOf(step: string): string {
  return `act:*/${step}`;
}

/** Taking that step back. */
export function undoOf(step: string): string {
  return `${effectOf(step)}/undo`;
}
